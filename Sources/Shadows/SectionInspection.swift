import JSON

/// Looks through the sections of an update for nesting over the limit and for nulls in arrays.
struct SectionInspection {
    let rules: ShadowRules

    func inspect(_ state: JSONValue) throws(ShadowError) {
        guard case .object(let sections) = state else { return }
        var holdsNull = false
        for member in sections.members {
            let levels = self.levels(of: member.value, inArray: false, &holdsNull)
            let maximum = self.rules.limits.documentDepth
            if levels > maximum { throw .tooDeep(levels: levels, maximum: maximum) }
        }
        guard holdsNull, let pointer = self.nullPointer(in: state, inArray: false, at: "") else { return }
        throw .nullInArray(pointer: pointer)
    }

    /// Keys and indexes one has to follow to the deepest value; empty containers and plain values have none.
    private func levels(of value: JSONValue, inArray: Bool, _ holdsNull: inout Bool) -> Int {
        var deepest = -1
        switch value {
        case .null, .bool, .number, .string:
            return 0
        case .array(let elements):
            for place in elements.indices {
                holdsNull = holdsNull || elements[place].isNull
                deepest = max(deepest, self.levels(of: elements[place], inArray: true, &holdsNull))
            }
            if !self.rules.switches.arraysAddLevel { return max(deepest, 0) }
        case .object(let object):
            for place in object.members.indices {
                holdsNull = holdsNull || (inArray && object.members[place].value.isNull)
                deepest = max(deepest, self.levels(of: object.members[place].value, inArray: inArray, &holdsNull))
            }
        }
        return deepest + 1
    }

    /// The innermost container, at or below an array, that holds a null it must not.
    private func nullPointer(in value: JSONValue, inArray: Bool, at pointer: String) -> String? {
        switch value {
        case .null, .bool, .number, .string:
            return nil
        case .array(let elements):
            for (place, element) in elements.enumerated() {
                if element.isNull { return pointer }
                if let found = self.nullPointer(in: element, inArray: true, at: "\(pointer)/\(place)") { return found }
            }
        case .object(let object):
            let refusesNulls = inArray && self.rules.switches.nullInArrayObject == .reject
            for member in object.members {
                if refusesNulls, member.value.isNull { return pointer }
                let inner = JSONPointer.appending(member.key.text, to: pointer)
                if let found = self.nullPointer(in: member.value, inArray: inArray, at: inner) { return found }
            }
        }
        return nil
    }
}
