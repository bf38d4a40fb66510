// SPDX-License-Identifier: Apache-2.0
#include "app/system_memory.h"


#include <QFile>

#include <algorithm>
#include <unistd.h>

namespace sinkscope {
namespace {

QByteArray readWhole(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// A file with one number in it; 0 when it is missing or holds a word ("max").
std::uint64_t numberIn(const QString& path) { return readWhole(path).trimmed().toULongLong(); }

} // namespace

std::uint64_t availableMemory() {
    std::uint64_t available = 0;
    const QList<QByteArray> lines = readWhole(QStringLiteral("/proc/meminfo")).split('\n');
    for (const QByteArray& line : lines)
        if (line.startsWith("MemAvailable:"))
            available = line.mid(13).trimmed().split(' ').value(0).toULongLong() * 1024;
    const std::uint64_t limit = numberIn(QStringLiteral("/sys/fs/cgroup/memory.max"));
    const std::uint64_t used = numberIn(QStringLiteral("/sys/fs/cgroup/memory.current"));
    if (limit > used && used > 0)
        available = available == 0 ? limit - used : std::min(available, limit - used);
    return available;
}

std::uint64_t residentMemory() {
    const QList<QByteArray> fields = readWhole(QStringLiteral("/proc/self/statm")).split(' ');
    return fields.value(1).toULongLong() * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

} // namespace sinkscope
