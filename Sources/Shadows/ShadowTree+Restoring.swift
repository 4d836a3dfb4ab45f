import JSON

extension ShadowTree {
    /// Puts state and metadata together again, or names the value that has no time.
    static func joined(state: JSONObject, metadata: JSONObject, pointer: String = "") -> Result<ShadowTree, MissingTimestamp> {
        var members: [Member] = []
        for member in state.members {
            let path = JSONPointer.appending(member.key.text, to: pointer)
            let stamp = metadata[member.key]
            switch (member.value, stamp) {
            case (.object(let state), .object(let metadata)?):
                switch Self.joined(state: state, metadata: metadata, pointer: path) {
                case .success(let inner): members.append(Member(key: member.key, node: .branch(inner)))
                case .failure(let missing): return .failure(missing)
                }
            case (.array(let elements), .array(let stamps)?):
                // An array without leaves has no time to lose.
                let seconds = Self.firstTime(in: stamps) ?? (Self.holdsLeaf(elements) ? nil : 0)
                guard let seconds else { return .failure(MissingTimestamp(pointer: path)) }
                members.append(Member(key: member.key, node: .leaf(member.value, seconds: seconds)))
            case (.string, let stamp?), (.number, let stamp?), (.bool, let stamp?):
                guard let seconds = stamp["timestamp"]?.int64 else { return .failure(MissingTimestamp(pointer: path)) }
                members.append(Member(key: member.key, node: .leaf(member.value, seconds: seconds)))
            case (.null, _), (.object, _), (.array, _), (.string, nil), (.number, nil), (.bool, nil):
                return .failure(MissingTimestamp(pointer: path))
            }
        }
        return .success(ShadowTree(members: members))
    }

    struct MissingTimestamp: Error {
        let pointer: String
    }

    /// The first stamp; all elements of an array were set at once.
    private static func firstTime(in stamps: [JSONValue]) -> Int64? {
        for stamp in stamps {
            switch stamp {
            case .array(let inner):
                if let seconds = self.firstTime(in: inner) { return seconds }
            case .object(let object):
                if let seconds = object["timestamp"]?.int64 { return seconds }
                if let seconds = self.firstTime(in: object.members.map(\.value)) { return seconds }
            case .null, .bool, .number, .string:
                continue
            }
        }
        return nil
    }

    private static func holdsLeaf(_ elements: [JSONValue]) -> Bool {
        elements.contains { element in
            switch element {
            case .array(let inner): self.holdsLeaf(inner)
            case .object(let object): self.holdsLeaf(object.members.map(\.value))
            case .null, .bool, .number, .string: true
            }
        }
    }
}
