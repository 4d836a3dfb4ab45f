/// The latest versions of every shadow, the present one among them.
///
/// Versions are added when they are made and dropped when a later one of the same shadow is safe, so that what a journal fails to keep
/// can be taken back to the last version it has. Bounded by count and bytes for each shadow, and by bytes over all of them.
package struct ShadowHistory {
    package struct Limits: Equatable, Sendable {
        /// Versions kept of one shadow. 1 keeps no history.
        package var versions = 50
        /// Bytes kept of one shadow, beside its present version.
        package var bytesPerShadow = 256 * 1024
        /// Bytes kept of all shadows, beside their present versions; what was superseded first goes first.
        package var bytes = 64 * 1024 * 1024

        package init() {}
    }

    /// The versions of one shadow, oldest first.
    private struct Line {
        var versions: [ShadowVersion] = []
        /// Bytes of all but the newest.
        var olderBytes = 0

        /// - Returns: the version that was the newest until now.
        mutating func append(_ version: ShadowVersion) -> ShadowVersion? {
            let older = self.versions.last
            self.olderBytes += older?.bytes ?? 0
            self.versions.append(version)
            return older
        }
    }

    private let limits: Limits
    private var lines: [ShadowID: Line] = [:]
    /// Versions that are not safe yet, in order.
    private var unsafe: [(serial: UInt64, id: ShadowID)] = []
    /// Versions in the order in which they got a successor; some are gone by now.
    private var superseded: [(serial: UInt64, id: ShadowID)] = []
    private var supersededStart = 0
    private var olderBytes = 0
    private var olderCount = 0
    /// The serial of the latest version.
    package private(set) var lastSerial: UInt64 = 0
    /// Every version up to this one is safe.
    private var safeSerial: UInt64 = 0

    package init(limits: Limits = .init()) {
        self.limits = limits
    }

    /// The versions kept of a shadow, oldest first; empty when nothing is known of it.
    package func versions(of id: ShadowID) -> [ShadowVersion] {
        self.lines[id]?.versions ?? []
    }

    /// Everything kept, in the order it was made.
    package var all: [ShadowVersion] {
        self.lines.values.flatMap(\.versions).sorted { $0.serial < $1.serial }
    }

    /// Adds a change that was just made.
    package mutating func append(_ change: ShadowChange, origin: ShadowVersion.Origin) -> ShadowVersion {
        let version = ShadowVersion(serial: self.lastSerial + 1, change: change, origin: origin)
        self.add(version)
        self.unsafe.append((version.serial, version.id))
        return version
    }

    /// Everything up to `serial` is safe: what lies over the limits goes.
    ///
    /// - Returns: the serials that were dropped.
    package mutating func becameSafe(through serial: UInt64) -> [UInt64] {
        self.safeSerial = max(self.safeSerial, serial)
        var dropped: [UInt64] = []
        var count = 0
        for entry in self.unsafe {
            guard entry.serial <= serial else { break }
            count += 1
            self.trim(entry.id, &dropped)
        }
        if count > 0 { self.unsafe.removeFirst(count) }
        if self.olderBytes > self.limits.bytes { self.trimOldest(&dropped) }
        return dropped
    }

    /// Takes back every version that is not safe.
    ///
    /// - Returns: the shadows concerned and what they go back to; `nil` if nothing is known of them any more.
    package mutating func rollBack() -> [(id: ShadowID, version: ShadowVersion?)] {
        var ids: [ShadowID] = []
        var seen: Set<ShadowID> = []
        for entry in self.unsafe where seen.insert(entry.id).inserted { ids.append(entry.id) }
        self.unsafe = []
        self.lastSerial = self.safeSerial
        for id in ids {
            guard var line = self.lines.removeValue(forKey: id) else { continue }
            self.uncount(line)
            line.versions.removeAll { $0.serial > self.safeSerial }
            guard !line.versions.isEmpty else { continue }
            line.olderBytes = line.versions.dropLast().reduce(0) { $0 + $1.bytes }
            self.olderBytes += line.olderBytes
            self.olderCount += line.versions.count - 1
            self.lines[id] = line
        }
        self.sweep()
        return ids.map { ($0, self.lines[$0]?.versions.last) }
    }

    /// Drops all that is known of a shadow that is gone.
    ///
    /// - Returns: the serials that were dropped.
    package mutating func forget(_ id: ShadowID) -> [UInt64] {
        guard let line = self.lines.removeValue(forKey: id) else { return [] }
        self.uncount(line)
        return line.versions.map(\.serial)
    }

    /// Starts over with versions that were kept, all of them safe.
    package mutating func replace(with versions: [ShadowVersion]) {
        let last = self.lastSerial
        self = ShadowHistory(limits: self.limits)
        for version in versions.sorted(by: { $0.serial < $1.serial }) { self.add(version) }
        self.lastSerial = max(last, self.lastSerial)
        self.safeSerial = self.lastSerial
    }

    // MARK: Counting and trimming

    private mutating func add(_ version: ShadowVersion) {
        self.lastSerial = version.serial
        guard let older = self.lines[version.id, default: Line()].append(version) else { return }
        self.superseded.append((older.serial, version.id))
        self.olderBytes += older.bytes
        self.olderCount += 1
        // Entries of versions that are gone must not pile up in front of one that stays.
        if self.superseded.count > 1024 + 2 * (self.olderCount + self.supersededStart) { self.sweep() }
    }

    private mutating func uncount(_ line: Line) {
        self.olderBytes -= line.olderBytes
        self.olderCount -= line.versions.count - 1
    }

    private mutating func trim(_ id: ShadowID, _ dropped: inout [UInt64]) {
        guard let index = self.lines.index(forKey: id) else { return }
        while self.isOverLimits(self.lines.values[index]), self.canDropFirst(of: self.lines.values[index]) {
            dropped.append(self.dropFirst(at: index))
        }
    }

    private mutating func trimOldest(_ dropped: inout [UInt64]) {
        while self.olderBytes > self.limits.bytes, self.supersededStart < self.superseded.count {
            let oldest = self.superseded[self.supersededStart]
            if let index = self.lines.index(forKey: oldest.id), self.lines.values[index].versions.first?.serial == oldest.serial {
                guard self.canDropFirst(of: self.lines.values[index]) else { return }
                dropped.append(self.dropFirst(at: index))
            }
            self.supersededStart += 1
        }
        if self.supersededStart > 1024 { self.sweep() }
    }

    private func isOverLimits(_ line: Line) -> Bool {
        line.versions.count > self.limits.versions || line.olderBytes > self.limits.bytesPerShadow
    }

    /// Whether a later version is safe, so that the first one is not needed to go back to.
    private func canDropFirst(of line: Line) -> Bool {
        line.versions.count > 1 && line.versions[1].serial <= self.safeSerial
    }

    private mutating func dropFirst(at index: Dictionary<ShadowID, Line>.Index) -> UInt64 {
        let first = self.lines.values[index].versions.removeFirst()
        self.lines.values[index].olderBytes -= first.bytes
        self.olderBytes -= first.bytes
        self.olderCount -= 1
        return first.serial
    }

    private mutating func sweep() {
        self.superseded.removeSubrange(..<self.supersededStart)
        self.supersededStart = 0
        self.superseded.removeAll { entry in
            guard let versions = self.lines[entry.id]?.versions, let first = versions.first, let last = versions.last else { return true }
            return entry.serial < first.serial || entry.serial >= last.serial
        }
    }
}
