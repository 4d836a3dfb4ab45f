import JSON
import Shadows

/// The shadows of a snapshot, each with all versions kept of it.
enum ShadowList {
    static func json(_ versions: [ShadowVersion]) -> JSONValue {
        let byShadow = Dictionary(grouping: versions, by: \.id).sorted { Self.precedes($0.key, $1.key) }
        return .array(
            byShadow.map { id, versions in
                var shadow: JSONObject = ["thing": .string(id.thing.text)]
                shadow["name"] = id.name.map { .string($0.text) }
                shadow["versions"] = .array(
                    versions.sorted { $0.serial < $1.serial }.map { version in
                        var members: JSONObject = ["serial": JSONValue(counter: version.serial)]
                        for member in VersionDocument.json(version, withMetadata: true) { members[member.key] = member.value }
                        return .object(members)
                    })
                return .object(shadow)
            })
    }

    static func read(_ node: DocumentNode) throws(DocumentFault) -> [ShadowVersion] {
        var known: Set<ShadowID> = []
        var serials: Set<UInt64> = []
        var versions: [ShadowVersion] = []
        for shadow in try node.elements() {
            _ = try shadow.object(of: ["thing", "name", "versions"])
            let id = try Self.id(shadow)
            guard known.insert(id).inserted else { throw shadow.fault("is there twice") }
            var last: UInt64 = 0
            for element in try shadow.member("versions").elements() {
                let serial = try element.member("serial")
                let number: UInt64 = try serial.counter(from: 1)
                guard number > last, serials.insert(number).inserted else {
                    throw serial.fault("must be a number of its own, larger than those before it in its shadow")
                }
                last = number
                versions.append(try VersionDocument.read(element, id: id, serial: number))
            }
            if last == 0 { throw try shadow.member("versions").fault("must have an element at least") }
        }
        return versions.sorted { $0.serial < $1.serial }
    }

    private static func id(_ shadow: DocumentNode) throws(DocumentFault) -> ShadowID {
        let thing = try shadow.member("thing")
        guard let thingName = ThingName(try thing.text()) else { throw thing.fault("is no name of a thing") }
        guard let name = shadow["name"] else { return ShadowID(thing: thingName) }
        guard let shadowName = ShadowName(try name.text()) else { throw name.fault("is no name of a shadow") }
        return ShadowID(thing: thingName, name: shadowName)
    }

    /// By thing, the classic shadow first, then by name.
    private static func precedes(_ left: ShadowID, _ right: ShadowID) -> Bool {
        (left.thing.text, left.name?.text ?? "") < (right.thing.text, right.name?.text ?? "")
    }
}
