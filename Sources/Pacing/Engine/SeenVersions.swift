import JSON
import Shadows

/// The version that each shadow was last seen with in a run, for `version: "auto"`. Source: scheduler §11, §20.4.
///
/// What was seen is kept as it came and read when it is asked for.
struct SeenVersions: Sendable {
    enum Sight: Sendable {
        case version(Int64)
        /// There is no such shadow: an update without version makes one.
        case absent
        case message(ShadowTopic, [UInt8])
    }

    /// Beyond that all are forgotten; a version that is not known is read.
    private static let capacity = 10_000

    /// Whether the plan has a step that will ask.
    var isKept = false
    private var sights: [ShadowID: Sight] = [:]

    mutating func saw(_ id: ShadowID, _ sight: Sight) {
        guard self.isKept else { return }
        if self.sights.count >= Self.capacity, self.sights[id] == nil { self.sights = [:] }
        self.sights[id] = sight
    }

    /// A message of the service says which version the shadow has.
    mutating func saw(_ topic: ShadowTopic, _ payload: [UInt8]) {
        switch (topic.operation, topic.answer) {
        case (.update, .accepted), (.update, .documents), (.update, .delta), (.get, .accepted): self.saw(topic.id, .message(topic, payload))
        case (.delete, .accepted): self.saw(topic.id, .absent)
        case (_, .rejected), (_, nil), (.get, _), (.delete, _): break
        }
    }

    mutating func forget(_ id: ShadowID) { self.sights[id] = nil }

    /// `.some(nil)` is a shadow known not to exist; nil is one that nothing is known of.
    func version(of id: ShadowID) -> Int64?? {
        switch self.sights[id] {
        case .version(let version): return version
        case .absent: return .some(nil)
        case .message(let topic, let payload):
            guard let document = try? JSONValue(parsing: payload),
                let version = (topic.answer == .documents ? document[pointer: "/current/version"] : document["version"])?.int64
            else { return nil }
            return version
        case nil: return nil
        }
    }
}
