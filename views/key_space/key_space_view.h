// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "views/head_follower.h"
#include "views/view_spec.h"
#include "views/vtk/key_space_quality.h"
#include "views/vtk/key_space_scene.h"
#include "views/vtk/vtk_canvas.h"

#include <QLabel>
#include <QTimer>
#include <QWidget>

namespace sinkscope {

/// One cloud of a key space: asks a worker for it, shows it, judges it once it rests, and keeps selection and set in step with the window's.
/// Requests may come faster than answers: only the newest counts. Thread: gui.
class KeySpaceView : public QWidget {
    Q_OBJECT
public:
    explicit KeySpaceView(const ViewContext& context, QWidget* parent = nullptr);

    /// Reads and projects. Nothing happens when the answer to the same question is shown, unless `again`.
    void ask(KeySpaceQuestion question, bool again = false);
    /// Shows nothing and forgets what was asked.
    void clear();
    /// Something is being computed that `stop` ends.
    [[nodiscard]] bool isWorking() const { return m_working; }
    /// Stops; a picture that was not finished stays as it is.
    void stop();
    /// Works on the picture for so many more epochs, where it is of a kind that can be (isExtensible).
    void extend(int epochs);
    /// Other looks of the same cloud.
    void setOptions(const KeySpaceOptions& options);
    [[nodiscard]] const KeySpaceOptions& options() const { return m_options; }
    /// Points move to their places in aligned pictures.
    void setMorphing(bool morphing) { m_morphing = morphing; }
    /// How many neighbours of the selected point are looked up; 0: none.
    void setNeighbours(int count);
    void setCaption(const QString& caption);

    [[nodiscard]] VtkCanvas& canvas() const { return *m_canvas; }
    /// What is shown; null while nothing is.
    [[nodiscard]] const std::shared_ptr<const KeySpaceData>& data() const { return m_data; }
    [[nodiscard]] const std::shared_ptr<const KeySpaceQuality>& quality() const { return m_quality; }
    [[nodiscard]] const std::vector<KeySpaceNeighbour>& neighbours() const { return m_neighbours; }
    [[nodiscard]] int selectedPoint() const { return m_canvas->focus().selected; }

    /// The window's selection is shown.
    void showSelection();

Q_SIGNALS:
    void arrived();
    void failed(const KeySpaceText::Message& message);
    /// It takes long enough to be noticed, or no longer. `share` of it is done; negative when nobody knows.
    void working(bool working, double share);
    void judged();
    void neighboursFound();

private:
    using DataPtr = std::shared_ptr<const KeySpaceData>;
    template <typename Work> void start(Work work);
    void accept(Result<DataPtr> result);
    void showPreview(DataPtr data);
    void setWorking(bool working, double share = -1);
    [[nodiscard]] bool waitsFor(const KeySpaceQuestion& question) const;
    [[nodiscard]] int ownToken(int token, bool outwards) const;
    void rebuild(bool morph);
    void judge();
    void findNeighbours();
    void describe();
    void showFacts(int point, const QPoint& global);
    void clicked(int point);
    void marked(const std::vector<int>& points);

    ViewContext m_context;
    VtkCanvas* m_canvas;
    QLabel* m_caption;
    KeySpaceOptions m_options;
    std::shared_ptr<const KeySpaceData> m_data;
    std::shared_ptr<const KeySpaceQuality> m_quality;
    std::vector<KeySpaceNeighbour> m_neighbours;
    std::optional<KeySpaceQuestion> m_asked; ///< what is being answered
    std::optional<KeySpaceQuestion> m_next;  ///< what is asked once that is shown
    LatestJob<std::shared_ptr<const KeySpaceData>> m_load;
    LatestJob<std::shared_ptr<const KeySpaceQuality>> m_judge;
    LatestJob<std::vector<KeySpaceNeighbour>> m_nearest;
    QTimer m_slow;  ///< says that something is being computed once it takes long enough to be noticed
    QTimer m_quiet; ///< judges once no other cloud has come for a while
    std::uint64_t m_number = 0; ///< of the newest work: previews of older ones are dropped
    bool m_morphing = true, m_working = false, m_slowNow = false;
    int m_neighbourCount = 0;
    int m_point = -1; ///< clicked last: of several points of one token, the one that is meant
};

} // namespace sinkscope
