// SPDX-License-Identifier: Apache-2.0
#include "core/inspect/weight_hash.h"
#include "views/head_follower.h"
#include "views/models/text_format.h"
#include "views/page_scroll.h"
#include "views/panel_frame.h"

#include <QClipboard>
#include <QDateTime>
#include <QGridLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QRegularExpression>
#include <QPointer>
#include <QToolButton>
#include <QVBoxLayout>

namespace sinkscope {
namespace {

QString text(std::string_view value) {
    return QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size()));
}

QString activationText(Activation activation) {
    switch (activation) {
    case Activation::Gelu: return QStringLiteral("GELU");
    case Activation::GeluTanh: return QStringLiteral("GELU (tanh)");
    case Activation::Relu: return QStringLiteral("ReLU");
    case Activation::Silu: return QStringLiteral("SiLU");
    }
    return {};
}

/// What a checkpoint is, at a glance. When only a capture is open, what the capture says of its model.
class CheckpointCard : public PanelFrame {
    Q_OBJECT
public:
    CheckpointCard(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Checkpoint"), parent), m_context(context), m_scroll(new PageScroll) {
        m_scroll->setWidgetResizable(true);
        m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        m_scroll->setFocusPolicy(Qt::NoFocus);
        setContent(m_scroll);
        setEmptyText(tr("Drop a checkpoint here"),
                     tr("A Hugging Face folder, weights as safetensors, PyTorch or GGUF, or a capture (.h5)"));
        connect(&context.session, &SessionModel::modelChanged, this, [this] {
            m_hashJob.cancel();
            m_isHashing = false;
            m_hash.reset();
            rebuild();
        });
        connect(&context.session, &SessionModel::captureChanged, this, &CheckpointCard::rebuild);
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, this, &CheckpointCard::rebuild);
        rebuild();
    }

private Q_SLOTS:
    void rebuild() {
        auto* page = new QWidget;
        page->setObjectName(QStringLiteral("card"));
        page->setStyleSheet(QStringLiteral("QWidget#card { background: transparent; }"));
        auto* outer = new QVBoxLayout(page);
        outer->setContentsMargins(10, 8, 10, 8);
        outer->setSpacing(6);
        m_rows = new QGridLayout;
        m_rows->setHorizontalSpacing(12);
        m_rows->setVerticalSpacing(4);
        m_rows->setColumnStretch(1, 1);
        const LoadedModel* model = m_context.session.model().get();
        const CaptureHeader* header = m_context.session.header();
        setEmpty(!model && !header);
        if (model)
            addTitle(outer, titleOf(*model));
        else if (header)
            addTitle(outer, text(header->title));
        outer->addLayout(m_rows);
        if (model) {
            addModel(*model);
            for (const Error& problem : model->problems)
                outer->addWidget(problemBox(problem));
            if (model->checkpoint)
                for (const std::string& note : model->checkpoint->notes)
                    outer->addWidget(noteLabel(text(note)));
        } else if (header) {
            addCapture(*header);
            outer->addWidget(noteLabel(tr("Shown from a capture: the model itself is not open.")));
        }
        outer->addStretch(1);
        m_scroll->setWidget(page);
    }

private:
    static QString titleOf(const LoadedModel& model) {
        if (!model.checkpoint)
            return tr("Unknown");
        std::filesystem::path path = model.checkpoint->opened;
        if (!path.has_filename())
            path = path.parent_path();
        return QString::fromStdString(path.filename().string());
    }

    void addTitle(QVBoxLayout* layout, const QString& title) {
        auto* label = new QLabel(title);
        QFont bold = font();
        bold.setWeight(QFont::DemiBold);
        bold.setPixelSize(QFontInfo(bold).pixelSize() + 2);
        label->setFont(bold);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        layout->addWidget(label);
    }

    void addRow(const QString& name, const QString& value, const QString& toolTip = {}) {
        const int row = m_rows->rowCount();
        auto* left = new QLabel(name);
        left->setProperty("muted", true);
        static const QRegularExpression groups(QStringLiteral("(?<=\\d) (?=\\d{3})")); // a number stays on one line
        auto* right = new QLabel(QString(value).replace(groups, QStringLiteral("\u202f")));
        right->setAlignment(Qt::AlignRight | Qt::AlignTop);
        right->setWordWrap(true);
        right->setTextInteractionFlags(Qt::TextSelectableByMouse);
        right->setToolTip(toolTip);
        right->setAccessibleName(name + QLatin1String(": ") + value);
        m_rows->addWidget(left, row, 0, Qt::AlignTop);
        m_rows->addWidget(right, row, 1);
    }

    void addHeads(int layers, int heads, int keyValueHeads, int headWidth) {
        const QString grouped = keyValueHeads == heads ? QString() : tr("kv %1, ").arg(keyValueHeads);
        addRow(tr("Layers × heads"), tr("%1 × %2 (%3d %4)").arg(layers).arg(heads).arg(grouped).arg(headWidth),
               keyValueHeads == heads ? QString()
                                      : tr("Grouped-query attention: %n query heads share one key/value head", nullptr, heads / keyValueHeads));
    }

    void addModel(const LoadedModel& model) {
        if (const ModelSpec* spec = model.spec.get()) {
            const ArchSpec& arch = *spec->arch;
            addRow(tr("Architecture"),
                   text(arch.title) + QStringLiteral(" · ") + (arch.mask == Mask::Causal ? tr("decoder") : tr("encoder")));
            addHeads(spec->layers, spec->heads, spec->keyValueHeads, spec->headWidth);
            addRow(tr("Width · MLP"), tr("%1 · %2").arg(groupedDigits(spec->width), groupedDigits(spec->mlpWidth)));
            if (const ExpertSpec& experts = spec->experts; experts.count > 0)
                addRow(tr("Experts"), tr("%1, %2 for a token").arg(experts.count).arg(experts.chosen),
                       tr("The MLP of a layer is %1 of them; a router chooses %2 for every token").arg(experts.count).arg(experts.chosen));
            addRow(tr("Positions"), text(spec->positionsText()));
            const QString norm = (arch.norm == Norm::LayerNorm ? tr("LayerNorm") : tr("RMSNorm")) +
                                 (arch.normPlacement == NormPlacement::Pre ? tr(", before") : tr(", after"));
            const QString mlp = activationText(spec->activation) + (arch.mlp == Mlp::Gated ? tr(", gated") : QString());
            addRow(tr("Norm · activation"), norm + QStringLiteral(" · ") + mlp);
        } else {
            addRow(tr("Architecture"), tr("unknown"));
        }
        if (model.checkpoint) {
            const Checkpoint& checkpoint = *model.checkpoint;
            const quint64 count = model.spec ? model.spec->parameters : checkpoint.parameters();
            const QString type = model.spec ? text(nameOf(model.spec->dtype)).toLower() + QStringLiteral(" · ") : QString();
            addRow(tr("Parameters"), shortCount(count) + QStringLiteral(" · ") + type + byteText(checkpoint.bytes()),
                   tr("%1 parameters, %2 bytes")
                       .arg(groupedDigits(static_cast<qint64>(count)), groupedDigits(static_cast<qint64>(checkpoint.bytes()))));
        }
        if (model.tokenizer)
            addRow(tr("Tokenizer"), text(model.tokenizer->kind()) + QStringLiteral(", ") +
                                        groupedDigits(static_cast<qint64>(model.tokenizer->vocabularySize())));
        else
            addRow(tr("Tokenizer"), tr("none"));
        if (model.checkpoint && !model.checkpoint->tensors.empty())
            addHash();
    }

    /// The hash of the content, which reads everything: only when it is asked for.
    void addHash() {
        const int row = m_rows->rowCount();
        auto* name = new QLabel(tr("SHA-256"));
        name->setProperty("muted", true);
        name->setToolTip(tr("Of the names, types, shapes and bytes of all tensors, however they are split into files"));
        auto* line = new QHBoxLayout;
        line->setSpacing(4);
        line->addStretch(1);
        auto* button = new QToolButton;
        button->setProperty("flat", true);
        if (m_hash) {
            auto* value = new QLabel(QString::fromStdString(m_hash->content.substr(0, 8)) + QStringLiteral("…"));
            value->setTextInteractionFlags(Qt::TextSelectableByMouse);
            value->setToolTip(QString::fromStdString(m_hash->content));
            value->setAccessibleName(tr("SHA-256: %1").arg(value->toolTip()));
            line->addWidget(value);
            button->setText(tr("Copy"));
            connect(button, &QToolButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(QString::fromStdString(m_hash->content)); });
        } else {
            m_hashText = new QLabel;
            line->addWidget(m_hashText);
            button->setText(m_isHashing ? tr("Stop") : tr("Compute"));
            button->setToolTip(m_isHashing ? QString() : name->toolTip());
            connect(button, &QToolButton::clicked, this, &CheckpointCard::hashOrStop, Qt::QueuedConnection); // which replaces the button
        }
        button->setAccessibleName(tr("SHA-256: %1").arg(button->text()));
        line->addWidget(button);
        m_rows->addWidget(name, row, 0);
        m_rows->addLayout(line, row, 1);
    }

    void hashOrStop() {
        const auto model = m_context.session.model();
        m_hashJob.cancel();
        m_isHashing = !m_isHashing && model && model->checkpoint;
        rebuild();
        if (!m_isHashing)
            return;
        m_hashJob.run(
            m_context.jobs, this, [checkpoint = model->checkpoint](JobContext& context) { return weightHash(*checkpoint, context); },
            [this](const Result<WeightHash>& hash) {
                m_isHashing = false;
                if (hash)
                    m_hash = *hash;
                rebuild();
                if (!hash && m_hashText)
                    m_hashText->setText(QString::fromStdString(describe(hash.error())));
            },
            Strand::Free, [this](double fraction, const QString&) {
                if (m_hashText && m_isHashing)
                    m_hashText->setText(QStringLiteral("%1\u202f%").arg(qRound(100 * fraction)));
            });
    }

    void addCapture(const CaptureHeader& header) {
        addRow(tr("Architecture"), text(header.architecture));
        addHeads(header.layers, header.heads, header.keyValueHeads, header.headWidth);
        addRow(tr("Width"), groupedDigits(header.width));
        addRow(tr("Positions"), text(header.positions));
        addRow(tr("Vocabulary"), groupedDigits(header.vocabulary));
        addRow(tr("Samples"), groupedDigits(static_cast<qint64>(header.samples.size())));
        const QDateTime captured = QDateTime::fromString(text(header.createdUtc), Qt::ISODate);
        addRow(tr("Captured"), captured.isValid() ? captured.toString(QStringLiteral("yyyy-MM-dd HH:mm")) + QStringLiteral(" UTC") : text(header.createdUtc));
    }

    QWidget* noteLabel(const QString& note) {
        auto* label = new QLabel(note);
        label->setWordWrap(true);
        label->setProperty("muted", true);
        return label;
    }

    /// What is wrong and what to try, at the place where the user looks for the thing that is missing.
    QWidget* problemBox(const Error& problem) {
        auto* box = new QLabel;
        const QString colour = m_context.theme.error.name();
        QString where = problem.file.empty() ? QString() : QString::fromStdString(problem.file.filename().string()) + QStringLiteral(": ");
        box->setText(QStringLiteral("<b style='color:%1'>%2%3</b><br>%4")
                         .arg(colour, where.toHtmlEscaped(), text(problem.detail).toHtmlEscaped(),
                              tr("Try: %1").arg(text(remedyOf(problem.code))).toHtmlEscaped()));
        box->setTextFormat(Qt::RichText);
        box->setWordWrap(true);
        box->setTextInteractionFlags(Qt::TextSelectableByMouse);
        box->setToolTip(QString::fromStdString(problem.file.string()));
        box->setObjectName(QStringLiteral("problem"));
        box->setStyleSheet(QStringLiteral("QLabel { border: none; border-left: 3px solid %1; padding: 2px 0 2px 8px; }").arg(colour));
        return box;
    }

    ViewContext m_context;
    QScrollArea* m_scroll;
    QGridLayout* m_rows = nullptr;
    QPointer<QLabel> m_hashText; ///< how far it is; gone with the card that it is on
    bool m_isHashing = false;
    std::optional<WeightHash> m_hash; ///< of the open checkpoint
    LatestJob<WeightHash> m_hashJob;
};

QWidget* create(const ViewContext& context, QWidget* parent) {
    return new CheckpointCard(context, parent);
}

} // namespace

namespace registry_views {
extern const ViewSpec checkpoint_card;
const ViewSpec checkpoint_card{"checkpoint_card", QT_TRANSLATE_NOOP("Views", "Checkpoint"), DockArea::Left, 0, create};
} // namespace registry_views
} // namespace sinkscope

#include "checkpoint_card.moc"
