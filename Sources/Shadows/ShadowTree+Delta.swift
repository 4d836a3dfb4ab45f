import JSON

extension ShadowTree {
    /// Writes what `reported` lacks or has otherwise: values into `state`, the times they were desired into `metadata`.
    ///
    /// Keys only in `reported` never appear; arrays differ as wholes. Both texts are objects; false and nothing
    /// written when there is no difference.
    /// - Source: Developer Guide "Delta state", device-shadow §6.
    func writeDelta(
        against reported: ShadowTree?, state: inout JSONWriter, metadata: inout JSONWriter, _ stamp: inout TimestampText, byValue: Bool
    ) -> Bool {
        let stateStart = state.count
        let metadataStart = metadata.count
        let index = reported?.indexForWalk(over: self.members.count)
        var any = false
        var hint = 0
        for member in self.members {
            let found = index.map { $0[member.key] } ?? reported?.index(of: member.key, hint: hint, among: reported?.members.count ?? 0)
            if let found { hint = found + 1 }
            let other = found.flatMap { reported?.members[$0].node }
            if case .leaf(let wanted, _) = member.node, case .leaf(let present, _)? = other,
                Self.equal(wanted, present, byValue: byValue)
            {
                continue
            }
            let stateMark = state.count
            let metadataMark = metadata.count
            state.byte(any ? UInt8(ascii: ",") : UInt8(ascii: "{"))
            metadata.byte(any ? UInt8(ascii: ",") : UInt8(ascii: "{"))
            state.key(member.key)
            metadata.key(member.key)
            if case .branch(let wanted) = member.node, case .branch(let present)? = other {
                guard wanted.writeDelta(against: present, state: &state, metadata: &metadata, &stamp, byValue: byValue) else {
                    state.truncate(to: stateMark)
                    metadata.truncate(to: metadataMark)
                    continue
                }
            } else {
                member.node.writeState(into: &state)
                member.node.writeMetadata(into: &metadata, &stamp)
            }
            any = true
        }
        guard any else {
            state.truncate(to: stateStart)
            metadata.truncate(to: metadataStart)
            return false
        }
        state.byte(UInt8(ascii: "}"))
        metadata.byte(UInt8(ascii: "}"))
        return true
    }

    private static func equal(_ left: JSONValue, _ right: JSONValue, byValue: Bool) -> Bool {
        byValue ? left == right : left.isWrittenLike(right)
    }
}

extension JSONValue {
    /// Equal, and every number with the same digits.
    fileprivate func isWrittenLike(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)):
            left.text == right.text
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isWrittenLike($1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { key, value in right[key].map { value.isWrittenLike($0) } ?? false }
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _):
            self == other
        }
    }
}
