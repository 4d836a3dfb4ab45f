import JSON
import Shadows
import Timeline

/// One version of a shadow as snapshots and the history show it:
/// `{"version":2,"time":…,"cause":7,"client":…,"principal":…,"deleted":false,"state":{…},"metadata":{…}}`.
enum VersionDocument {
    private static let depth = JSONLimits(maximumDepth: 512)

    static func json(_ version: ShadowVersion, withMetadata: Bool) -> JSONObject {
        var object: JSONObject = [
            "version": JSONValue(version.version), "time": .string(version.changedAt.iso8601),
            "cause": JSONValue(counter: version.origin.cause),
        ]
        object["client"] = version.origin.clientID.map { .string($0) }
        object["principal"] = version.origin.principal.map { .string($0) }
        object["deleted"] = .bool(version.record == nil)
        guard let record = version.record else { return object }
        object["state"] = Self.sections(record.desired?.state, record.reported?.state)
        if withMetadata { object["metadata"] = Self.sections(record.desired?.metadata, record.reported?.metadata) }
        return object
    }

    private static func sections(_ desired: [UInt8]?, _ reported: [UInt8]?) -> JSONValue {
        var sections = JSONObject()
        sections["desired"] = desired.flatMap { try? JSONValue(parsing: $0, limits: Self.depth) }
        sections["reported"] = reported.flatMap { try? JSONValue(parsing: $0, limits: Self.depth) }
        return .object(sections)
    }

    // MARK: Reading

    static func read(_ node: DocumentNode, id: ShadowID, serial: UInt64) throws(DocumentFault) -> ShadowVersion {
        _ = try node.object(of: ["serial", "version", "time", "cause", "client", "principal", "deleted", "state", "metadata"])
        let version = try node.member("version").version()
        let time = try node.member("time").time()
        let origin = ShadowVersion.Origin(
            cause: try node.member("cause").counter(), clientID: try node["client"]?.text(),
            principal: try node["principal"]?.text())
        if try node["deleted"]?.bool() == true {
            if let state = node["state"] { throw state.fault("cannot be: this version is a deletion") }
            let tombstone = ShadowTombstone(id: id, version: version, deletedAt: time)
            return ShadowVersion(serial: serial, change: .deleted(tombstone), origin: origin)
        }
        let record = ShadowRecord(
            id: id, version: version, changedAt: time, desired: try Self.section("desired", of: node),
            reported: try Self.section("reported", of: node))
        do throws(ShadowRestoreError) {
            try record.check()
        } catch {
            throw Self.fault(error, in: node)
        }
        return ShadowVersion(serial: serial, change: .stored(record), origin: origin)
    }

    private static func section(_ name: String, of node: DocumentNode) throws(DocumentFault) -> ShadowRecord.Section? {
        let state = try node.member("state")
        _ = try state.object(of: ["desired", "reported"])
        guard let values = state[name] else { return nil }
        let metadata = try node.member("metadata")
        _ = try metadata.object(of: ["desired", "reported"])
        let stamps = try metadata.member(name)
        return ShadowRecord.Section(
            state: JSONValue.object(try values.object()).utf8, metadata: JSONValue.object(try stamps.object()).utf8)
    }

    private static func fault(_ error: ShadowRestoreError, in node: DocumentNode) -> DocumentFault {
        switch error {
        case .noTimestamp(_, let section, let pointer):
            DocumentFault(pointer: "\(node.pointer)/state/\(section)\(pointer)", what: "has no timestamp at this place in metadata")
        case .unreadable, .notAnObject, .badVersion:
            node.fault("cannot be taken back: \(error.text)")
        }
    }
}
