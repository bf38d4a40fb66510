// SPDX-License-Identifier: Apache-2.0
#include "views/image_export/font_subset.h"

#include <QSet>
#include <QString>
#include <QXmlStreamReader>

#include <fontconfig/fontconfig.h>
#include <hb-subset.h>

#include <map>
#include <memory>
#include <tuple>

namespace sinkscope {
namespace {

struct Face {
    QString family;
    int weight = 400; ///< CSS
    bool operator<(const Face& other) const { return std::tie(family, weight) < std::tie(other.family, other.weight); }
};

template <auto Free> struct Release {
    template <typename T> void operator()(T* object) const { Free(object); }
};
template <typename T, auto Free> using Owned = std::unique_ptr<T, Release<Free>>;

/// Which characters each face has to show.
std::map<Face, QSet<char32_t>> usedCharacters(const QByteArray& svg) {
    std::map<Face, QSet<char32_t>> used;
    std::vector<Face> open;
    QXmlStreamReader reader(svg);
    while (!reader.atEnd()) {
        reader.readNext();
        if (reader.isStartElement()) {
            Face face = open.empty() ? Face{} : open.back();
            const auto attributes = reader.attributes();
            if (attributes.hasAttribute(QLatin1String("font-family")))
                face.family = attributes.value(QLatin1String("font-family")).toString().section(QLatin1Char(','), 0, 0).remove(QLatin1Char('\''));
            if (attributes.hasAttribute(QLatin1String("font-weight")))
                face.weight = attributes.value(QLatin1String("font-weight")).toInt();
            open.push_back(face);
        } else if (reader.isEndElement() && !open.empty()) {
            open.pop_back();
        } else if (reader.isCharacters() && !reader.isWhitespace() && !open.empty() && !open.back().family.isEmpty()) {
            for (const char32_t c : reader.text().toUcs4())
                used[open.back()].insert(c);
        }
    }
    return used;
}

/// The file of a face, and which font of a collection it is.
std::pair<QByteArray, unsigned> fileOf(const Face& face) {
    const Owned<FcPattern, FcPatternDestroy> pattern(FcPatternCreate());
    FcPatternAddString(pattern.get(), FC_FAMILY, reinterpret_cast<const FcChar8*>(face.family.toUtf8().constData()));
    FcPatternAddInteger(pattern.get(), FC_WEIGHT, FcWeightFromOpenType(face.weight > 0 ? face.weight : 400));
    FcConfigSubstitute(nullptr, pattern.get(), FcMatchPattern);
    FcDefaultSubstitute(pattern.get());
    FcResult result = FcResultNoMatch;
    const Owned<FcPattern, FcPatternDestroy> match(FcFontMatch(nullptr, pattern.get(), &result));
    FcChar8* file = nullptr;
    int index = 0;
    if (!match || FcPatternGetString(match.get(), FC_FILE, 0, &file) != FcResultMatch)
        return {};
    FcPatternGetInteger(match.get(), FC_INDEX, 0, &index);
    return {QByteArray(reinterpret_cast<const char*>(file)), static_cast<unsigned>(index) & 0xFFFFU};
}

QByteArray subsetOf(const Face& face, const QSet<char32_t>& characters) {
    const auto [file, index] = fileOf(face);
    if (file.isEmpty())
        return {};
    const Owned<hb_blob_t, hb_blob_destroy> blob(hb_blob_create_from_file(file.constData()));
    const Owned<hb_face_t, hb_face_destroy> whole(hb_face_create(blob.get(), index));
    const Owned<hb_subset_input_t, hb_subset_input_destroy> input(hb_subset_input_create_or_fail());
    if (!input)
        return {};
    for (const char32_t c : characters)
        hb_set_add(hb_subset_input_unicode_set(input.get()), c);
    const Owned<hb_face_t, hb_face_destroy> subset(hb_subset_or_fail(whole.get(), input.get()));
    if (!subset)
        return {};
    const Owned<hb_blob_t, hb_blob_destroy> bytes(hb_face_reference_blob(subset.get()));
    unsigned length = 0;
    const char* data = hb_blob_get_data(bytes.get(), &length);
    return {data, static_cast<qsizetype>(length)};
}

} // namespace

QByteArray embeddedFonts(const QByteArray& svg) {
    QByteArray rules;
    for (const auto& [face, characters] : usedCharacters(svg)) {
        const QByteArray font = subsetOf(face, characters);
        if (!font.isEmpty())
            rules += "@font-face { font-family: '" + face.family.toUtf8() + "'; font-weight: " + QByteArray::number(face.weight) +
                     "; src: url(data:font/ttf;base64," + font.toBase64() + "); }\n";
    }
    return rules.isEmpty() ? QByteArray() : "<style type=\"text/css\">\n" + rules + "</style>\n";
}

} // namespace sinkscope
