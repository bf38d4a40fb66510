// SPDX-License-Identifier: Apache-2.0
#include "views/head_follower.h"
#include "views/inspector/tensor_follower.h"
#include "views/inspector/tensor_tree_model.h"
#include "views/inspector/weight_map_widget.h"
#include "views/models/text_format.h"
#include "views/panel_frame.h"

#include <QAction>
#include <QActionGroup>
#include <QClipboard>
#include <QCursor>
#include <QGuiApplication>
#include <QToolTip>

namespace sinkscope {
namespace {

using PyramidPtr = std::shared_ptr<const MatrixPyramid>;
using PicturePtr = std::shared_ptr<const WeightPicture>;
using ModelPtr = std::shared_ptr<const LoadedModel>;

constexpr std::size_t kMostCopied = 250'000; ///< elements copied as a table

/// The selected tensor as a heat map, from everything at once down to single numbers.
class WeightMap : public PanelFrame {
    Q_OBJECT
public:
    WeightMap(const ViewContext& context, QWidget* parent)
        : PanelFrame(tr("Weight"), parent), m_context(context), m_tensor(context, this), m_map(new WeightMapWidget(context.theme)) {
        setContent(m_map);
        addMenus();
        addContextMenu();
        connect(&m_tensor, &TensorFollower::changed, this, &WeightMap::reload);
        connect(m_map, &WeightMapWidget::viewChanged, this, &WeightMap::readPicture);
        connect(m_map, &WeightMapWidget::hovered, this, [this](qint64 row, qint64 column) { readout(row, column, false); });
        connect(m_map, &WeightMapWidget::chosen, this, [this](qint64 row, qint64 column) { readout(row, column, true); });
        connect(&context.themeNotifier, &ThemeNotifier::themeChanged, this, &WeightMap::readPicture);
        reload();
    }

private:
    void addMenus() {
        auto* values = new QActionGroup(this);
        for (const BlockValue value : kBlockValues) {
            QAction* action = values->addAction(titleOf(value));
            action->setCheckable(true);
            action->setChecked(value == m_value);
            connect(action, &QAction::triggered, this, [this, value] {
                m_value = value;
                recolor();
            });
        }
        addChoice(tr("What a pixel shows of the elements in it"), values);
        auto* ranges = new QActionGroup(this);
        for (const DivergingRange range : kDivergingRanges) {
            QAction* action = ranges->addAction(titleOf(range));
            action->setCheckable(true);
            action->setChecked(range == m_range);
            connect(action, &QAction::triggered, this, [this, range] {
                m_range = range;
                recolor();
            });
        }
        addChoice(tr("Colour scale"), ranges);
    }

    void addContextMenu() {
        const auto add = [this](const QString& title, auto&& what) {
            auto* action = new QAction(title, m_map);
            connect(action, &QAction::triggered, this, what);
            m_map->addAction(action);
            return action;
        };
        add(tr("Show Everything"), [this] { m_map->showAll(); });
        add(tr("Copy Visible Numbers as Table"), [this] { copyVisible(); })->setShortcut(QKeySequence::Copy);
        m_map->actions().last()->setShortcutContext(Qt::WidgetShortcut);
        m_map->setContextMenuPolicy(Qt::ActionsContextMenu);
    }

    /// Another tensor: its pyramid first.
    void reload() {
        m_job.cancel();
        m_pictureJob.cancel();
        m_valueJob.cancel();
        m_pyramid.reset();
        m_model = m_tensor.model();
        const TensorInfo* tensor = m_tensor.tensor();
        m_map->setContent({});
        if (!tensor) {
            setTitle(tr("Weight"));
            setNote({});
            setEmptyText(tr("No tensor chosen"), m_model ? tr("Choose one in the list of tensors to see its numbers as a picture.") : tr("Open a checkpoint and choose a tensor."));
            return setEmpty(true);
        }
        const QString place = m_tensor.placeText();
        setTitle(tr("Weight — %1").arg(place.isEmpty() ? utf8Text(tensor->name) : place));
        setNote(tensorShapeText(*tensor));
        setEmptyText(tr("Reading %1").arg(utf8Text(tensor->name)), byteText(tensor->bytes.size()));
        setEmpty(true);
        m_job.run(
            m_context.jobs, this, [model = m_model, tensor](JobContext& context) { return buildMatrixPyramid(*tensor, context); },
            [this, tensor](const Result<PyramidPtr>& pyramid) {
                        if (!pyramid) {
                    setEmptyText(tr("This tensor cannot be shown"), QString::fromStdString(describe(pyramid.error())));
                    return setEmpty(true);
                }
                show(*tensor, *pyramid);
            },
            Strand::Free, [this, tensor](double fraction, const QString&) { setEmptyText(tr("Reading %1 — %2 %").arg(utf8Text(tensor->name)).arg(qRound(100 * fraction)), byteText(tensor->bytes.size())); });
    }

    void show(const TensorInfo& tensor, PyramidPtr pyramid) {
        m_pyramid = std::move(pyramid);
        WeightMapContent content;
        content.rows = m_pyramid->rows;
        content.columns = m_pyramid->columns;
        content.scale = scaleFor(*m_pyramid, m_range);
        content.value = m_value;
        content.hasBroken = m_pyramid->broken > 0;
        content.barTitle = barTitle();
        if (hasTokenRows(tensor))
            content.rowLabel = [this](std::size_t row) { return tokenOf(row); };
        setEmpty(false);
        m_map->setContent(std::move(content));
    }

    /// Rows are tokens of the vocabulary: embedding and unembedding, however they are called.
    [[nodiscard]] bool hasTokenRows(const TensorInfo& tensor) const {
        if (!m_model->tokenizer || tensor.shape.size() != 2)
            return false;
        if (!m_model->spec)
            return tensor.shape[0] == static_cast<std::int64_t>(m_model->tokenizer->vocabularySize());
        const auto is = [&](Role role) { return m_model->spec->modelTensors[static_cast<std::size_t>(role)] == &tensor; };
        return (is(Role::TokenEmbedding) || is(Role::Unembedding)) && tensor.shape[0] == m_model->spec->vocabulary;
    }

    [[nodiscard]] QString tokenOf(std::size_t row) const {
        const auto id = static_cast<std::int32_t>(row);
        return m_model->tokenizer->pieceOf(id) ? utf8Text(m_model->tokenizer->displayText(id)).replace(QLatin1Char(' '), QChar(0x2423)).replace(QLatin1Char('\n'), QChar(0x23ce)) : QString::number(row);
    }

    [[nodiscard]] QString barTitle() const {
        const QString range = m_range == DivergingRange::Root ? tr(", signed root 0.4") : m_range == DivergingRange::Deviations ? tr(", colours up to 4 root mean squares") : QString();
        return (m_value == BlockValue::Strongest ? tr("value farthest from zero") : m_value == BlockValue::Mean ? tr("mean") : m_value == BlockValue::Minimum ? tr("smallest value") : tr("largest value")) + range;
    }

    void recolor() {
        if (!m_pyramid)
            return;
        m_map->setScale(scaleFor(*m_pyramid, m_range), m_value, barTitle());
        readPicture();
    }

    /// What is seen now, in a worker; what was there stays, stretched, until it comes.
    void readPicture() {
        const auto window = m_map->wantedWindow();
        const TensorInfo* tensor = m_tensor.tensor();
        if (!m_pyramid || !window || !tensor)
            return;
        m_pictureJob.run(
            m_context.jobs, this,
            [model = m_model, tensor, pyramid = m_pyramid, window = *window, value = m_value, scale = scaleFor(*m_pyramid, m_range),
             table = divergingTable(m_context.theme)](JobContext& context) -> Result<PicturePtr> {
                SINKSCOPE_TRY(MatrixBlocks blocks, readMatrixWindow(*tensor, *pyramid, window, context));
                QImage image = paintBlocks(blocks, value, scale, table);
                return std::make_shared<const WeightPicture>(WeightPicture{window, std::move(blocks), std::move(image)});
            },
            [this](const Result<PicturePtr>& picture) {
                if (picture)
                    m_map->setPicture(*picture);
            });
    }

    [[nodiscard]] QString placeOf(qint64 row, qint64 column) const {
        QString text = tr("row %1").arg(groupedDigits(row));
        if (m_map->content().rowLabel)
            text += QStringLiteral(" “%1”").arg(m_map->content().rowLabel(static_cast<std::size_t>(row)));
        return text + tr(" · column %1").arg(groupedDigits(column));
    }

    /// The exact value under the pointer or the cursor, and what the pixel stands for.
    void readout(qint64 row, qint64 column, bool isChosen) {
        const TensorInfo* tensor = m_tensor.tensor();
        if (row < 0 || !m_pyramid || !tensor) {
            m_valueJob.cancel();
            return QToolTip::hideText();
        }
        const auto& picture = m_map->content().picture;
        const auto at = picture ? picture->blockAt(static_cast<std::size_t>(row), static_cast<std::size_t>(column)) : std::nullopt;
        QString block;
        if (at && !picture->isExact())
            block = tr("block of %1 × %2: %3 to %4, mean %5")
                        .arg(picture->window.blockRows).arg(picture->window.blockColumns)
                        .arg(numberText(static_cast<double>(picture->blocks.minimum[*at])), numberText(static_cast<double>(picture->blocks.maximum[*at])),
                             numberText(static_cast<double>(picture->blocks.mean[*at])));
        m_valueJob.run(
            m_context.jobs, this,
            [model = m_model, tensor, at = static_cast<std::size_t>(row) * m_pyramid->columns + static_cast<std::size_t>(column)](JobContext&) -> Result<float> {
                float value = 0;
                convertToFloat(*tensor, at, std::span(&value, 1));
                return value;
            },
            [this, row, column, block, isChosen, position = QCursor::pos()](const Result<float>& value) {
                if (!value)
                    return;
                QString text = placeOf(row, column) + QStringLiteral(" = ") + QString::number(static_cast<double>(*value), 'g', 9);
                if (isChosen)
                    m_map->setAccessibleDescription(text);
                showStatus(block.isEmpty() ? text : text + QStringLiteral(" · ") + block);
                if (!block.isEmpty())
                    text += QLatin1Char('\n') + block;
                if (m_map->underMouse())
                    QToolTip::showText(position, text, m_map);
            });
    }

    /// What is in view, with the numbers of rows and columns; only where single elements are seen.
    void copyVisible() {
        const auto& picture = m_map->content().picture;
        if (!picture || !picture->isExact() || picture->blocks.size() > kMostCopied)
            return showStatus(tr("Zoom in until single elements are seen: then they can be copied as a table."));
        const WeightMapView view = m_map->currentView();
        const auto [firstRow, firstColumn] = m_map->elementAt(view.plot.topLeft() + QPointF(1, 1));
        const auto [lastRow, lastColumn] = m_map->elementAt(view.plot.bottomRight() - QPointF(1, 1));
        QString text = tr("row");
        for (qint64 column = firstColumn; column <= lastColumn; ++column)
            text += QLatin1Char('\t') + QString::number(column);
        for (qint64 row = firstRow; row <= lastRow; ++row) {
            text += QLatin1Char('\n') + QString::number(row);
            for (qint64 column = firstColumn; column <= lastColumn; ++column) {
                const auto at = picture->blockAt(static_cast<std::size_t>(row), static_cast<std::size_t>(column));
                text += QLatin1Char('\t') + (at ? QString::number(static_cast<double>(picture->blocks.mean[*at]), 'g', 9) : QString());
            }
        }
        QGuiApplication::clipboard()->setText(text + QLatin1Char('\n'));
        showStatus(tr("Copied %1 rows of %2 numbers").arg(lastRow - firstRow + 1).arg(lastColumn - firstColumn + 1));
    }

    ViewContext m_context;
    TensorFollower m_tensor;
    WeightMapWidget* m_map;
    BlockValue m_value = BlockValue::Strongest;
    DivergingRange m_range = DivergingRange::Deviations;
    ModelPtr m_model; ///< keeps the tensor alive while it is read
    PyramidPtr m_pyramid;
    LatestJob<PyramidPtr> m_job;
    LatestJob<PicturePtr> m_pictureJob;
    LatestJob<float> m_valueJob;
};

QWidget* create(const ViewContext& context, QWidget* parent) { return new WeightMap(context, parent); }

} // namespace

namespace registry_views {
extern const ViewSpec weight_map;
const ViewSpec weight_map{"weight_map", QT_TRANSLATE_NOOP("Views", "Weight"), DockArea::Map, 5, create};
} // namespace registry_views
} // namespace sinkscope

#include "weight_map.moc"
