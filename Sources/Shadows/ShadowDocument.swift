import JSON
import Timeline

/// The two sections of a shadow with their texts, which answers and size checks use as they are.
struct ShadowDocument: Sendable {
    /// A section that is not empty.
    struct Section: Sendable {
        var tree: ShadowTree
        /// Compact texts of the tree, made once per change.
        var state: [UInt8]
        var metadata: [UInt8]
    }

    var version: Int64
    var changedAt: WallTime
    private(set) var desired: Section? = nil
    private(set) var reported: Section? = nil

    /// An empty shadow.
    init(version: Int64, changedAt: WallTime) {
        self.version = version
        self.changedAt = changedAt
    }

    /// What counts against the size limit.
    var stateBytes: Int {
        (self.desired?.state.count ?? 0) + (self.reported?.state.count ?? 0)
    }

    /// Applies an update's state. Sections that end up empty vanish.
    mutating func merge(_ state: JSONValue, _ context: MergeContext, _ scratch: inout ShadowScratch) {
        guard case .object(let sections) = state else {
            self.desired = nil
            self.reported = nil
            return
        }
        if let patch = sections[ShadowUpdate.desired] { Self.merge(patch, into: &self.desired, context, &scratch) }
        if let patch = sections[ShadowUpdate.reported] { Self.merge(patch, into: &self.reported, context, &scratch) }
    }

    private static func merge(_ patch: JSONValue, into section: inout Section?, _ context: MergeContext, _ scratch: inout ShadowScratch) {
        guard case .object(let patch) = patch else {
            section = nil
            return
        }
        if patch.members.isEmpty { return }
        // Taken out, so that the tree has one owner and is changed in place.
        var tree = section?.tree ?? ShadowTree()
        section = nil
        tree.merge(patch, context)
        if tree.isEmpty { return }
        section = scratch.section(of: tree)
    }
}

// MARK: - Keeping and restoring

extension ShadowDocument {
    func record(of id: ShadowID) -> ShadowRecord {
        ShadowRecord(
            id: id, version: self.version, changedAt: self.changedAt,
            desired: self.desired.map { ShadowRecord.Section(state: $0.state, metadata: $0.metadata) },
            reported: self.reported.map { ShadowRecord.Section(state: $0.state, metadata: $0.metadata) })
    }

    init(_ record: ShadowRecord, _ scratch: inout ShadowScratch) throws(ShadowRestoreError) {
        guard (1...ShadowRecord.largestVersion).contains(record.version) else { throw .badVersion(record.id, record.version) }
        self.init(version: record.version, changedAt: record.changedAt)
        if let kept = record.desired { self.desired = try Self.section(kept, "desired", record.id, &scratch) }
        if let kept = record.reported { self.reported = try Self.section(kept, "reported", record.id, &scratch) }
    }

    private static func section(
        _ kept: ShadowRecord.Section, _ name: String, _ id: ShadowID, _ scratch: inout ShadowScratch
    ) throws(ShadowRestoreError) -> Section? {
        let state = try Self.object(kept.state, name, id)
        let metadata = try Self.object(kept.metadata, "\(name) metadata", id)
        switch ShadowTree.joined(state: state, metadata: metadata) {
        case .success(let tree): return tree.isEmpty ? nil : scratch.section(of: tree)
        case .failure(let missing): throw .noTimestamp(id, section: name, pointer: missing.pointer)
        }
    }

    private static func object(_ text: [UInt8], _ section: String, _ id: ShadowID) throws(ShadowRestoreError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text, limits: JSONLimits(maximumDepth: 512))
        } catch {
            throw .unreadable(id, section: section, error)
        }
        guard case .object(let object) = value else { throw .notAnObject(id, section: section) }
        return object
    }
}
