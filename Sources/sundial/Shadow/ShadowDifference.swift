import JSON

/// What differs between two states of a shadow, value by value.
struct ShadowDifference {
    struct Change: Equatable {
        let path: String
        /// `nil` where there was nothing.
        let old: JSONValue?
        /// `nil` where nothing is left.
        let new: JSONValue?
    }

    private(set) var changes: [Change] = []

    /// In the order of the old state, then what is new.
    init(from old: JSONObject, to new: JSONObject) {
        let before = ShadowFields(state: .object(old), metadata: nil).fields
        let after = ShadowFields(state: .object(new), metadata: nil).fields
        let wanted = Dictionary(after.map { ($0.path, $0.value) }) { first, _ in first }
        for field in before {
            let value = wanted[field.path]
            if value?.utf8 != field.value.utf8 { self.changes.append(Change(path: field.path, old: field.value, new: value)) }
        }
        let known = Set(before.map(\.path))
        for field in after where !known.contains(field.path) {
            self.changes.append(Change(path: field.path, old: nil, new: field.value))
        }
    }

    var json: JSONValue {
        .array(
            self.changes.map { change in
                var object: JSONObject = ["path": .string(change.path)]
                object["from"] = change.old
                object["to"] = change.new
                return .object(object)
            })
    }
}
