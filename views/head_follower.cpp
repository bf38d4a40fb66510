// SPDX-License-Identifier: Apache-2.0
#include "views/head_follower.h"

namespace sinkscope {

HeadFollower::HeadFollower(const ViewContext& context, QWidget* panel) : SeenFollower(panel), m_context(context) {
    connect(&context.selection, &Selection::headChanged, this, &HeadFollower::outdate);
    connect(&context.selection, &Selection::sampleChanged, this, &HeadFollower::outdate);
    connect(&context.session, &SessionModel::captureChanged, this, &HeadFollower::outdate);
    connect(&context.session, &SessionModel::statisticsArrived, this, [this](int sample, int layer) {
        if (sample == this->sample() && layer == this->layer())
            outdate();
    });
}

SessionModel::StatisticsPtr HeadFollower::statistics() const {
    auto statistics = m_context.session.statistics(sample(), layer());
    return statistics && head() < statistics->heads ? statistics : nullptr;
}

const SampleTokens* HeadFollower::tokens() const {
    const CaptureHeader* header = m_context.session.header();
    return header && sample() >= 0 && sample() < static_cast<int>(header->samples.size()) ? header->samples[static_cast<std::size_t>(sample())].get()
                                                                                          : nullptr;
}

} // namespace sinkscope
