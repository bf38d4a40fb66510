// SPDX-License-Identifier: Apache-2.0
#include "app/figure_command.h"

#include "app/qt_text.h"
#include "core/io/mapped_file.h"
#include "views/figures/figure_spec.h"

#include <QJsonDocument>

#include <cstdio>

namespace sinkscope {
namespace {

Result<QJsonObject> readRecipe(const std::filesystem::path& path) {
    SINKSCOPE_TRY(const auto file, MappedFile::open(path));
    const auto bytes = file->bytes();
    const auto document = QJsonDocument::fromJson(QByteArray::fromRawData(reinterpret_cast<const char*>(bytes.data()), static_cast<qsizetype>(bytes.size())));
    if (!document.isObject())
        return Error{ErrorCode::InvalidArgument, "the recipe is not a JSON object", path};
    return document.object();
}

Result<void> draw(const QString& recipeFile, const QString& output) {
    const std::filesystem::path path = toPath(recipeFile);
    SINKSCOPE_TRY(const auto recipe, readRecipe(path));
    SINKSCOPE_TRY(const auto data, prepareFigure(recipe, path.parent_path()));
    return writeFigure(*data, toPath(output));
}

} // namespace

int runFigureCommand(const QString& recipeFile, const QString& output) {
    const auto drawn = draw(recipeFile, output);
    if (drawn)
        return 0;
    std::fprintf(stderr, "sinkscope: %s\n", describe(drawn.error()).c_str());
    return 1;
}

} // namespace sinkscope
