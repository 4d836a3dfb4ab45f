/// The members of a JSON object in the order written.
///
/// Keys are unique: a later duplicate replaces the value and keeps the first place. Lookup is a walk over
/// integers, faster than a dictionary up to dozens of members.
package struct JSONObject: Sendable {
    /// One key with its value.
    package struct Member: Sendable {
        package let key: JSONKey
        package var value: JSONValue

        @inlinable
        package init(key: JSONKey, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// The members in order. Keys are unique.
    package private(set) var members: [Member]

    package init() {
        self.members = []
    }

    init(uniqueMembers members: [Member]) {
        self.members = members
    }

    package var keys: [String] { self.members.map(\.key.text) }

    package subscript(key: String) -> JSONValue? {
        get { self.index(of: JSONKey(key)).map { self.members[$0].value } }
        set {
            let key = JSONKey(key)
            switch (self.index(of: key), newValue) {
            case (let index?, let value?): self.members[index].value = value
            case (let index?, nil): self.members.remove(at: index)
            case (nil, let value?): self.members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    package subscript(key: JSONKey) -> JSONValue? {
        self.index(of: key).map { self.members[$0].value }
    }

    /// Takes a member out; nil when there is none.
    @discardableResult
    package mutating func removeValue(forKey key: String) -> JSONValue? {
        guard let index = self.index(of: JSONKey(key)) else { return nil }
        return self.members.remove(at: index).value
    }

    /// The place of a key, looking at `hint` first because equal documents usually have equal order.
    package func index(of key: JSONKey, hint: Int = 0) -> Int? {
        if hint < self.members.count, self.members[hint].key == key { return hint }
        for index in self.members.indices where self.members[index].key == key { return index }
        return nil
    }
}

extension JSONObject: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { self.members.count }

    package subscript(position: Int) -> (key: String, value: JSONValue) {
        (self.members[position].key.text, self.members[position].value)
    }
}

extension JSONObject: Equatable {
    /// Same keys with equal values; order does not matter (RFC 8259 §1).
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.members.count == right.members.count else { return false }
        let index = left.members.count > JSONObject.indexedFrom ? right.indexByKey() : nil
        for (place, member) in left.members.enumerated() {
            let found = index.map { $0[member.key] } ?? right.index(of: member.key, hint: place)
            guard let found, right.members[found].value == member.value else { return false }
        }
        return true
    }

    /// Above this many members a temporary index is worth building.
    package static let indexedFrom = 24

    /// Key to place, for walks over two large objects.
    package func indexByKey() -> [JSONKey: Int] {
        var index: [JSONKey: Int] = [:]
        index.reserveCapacity(self.members.count)
        for (place, member) in self.members.enumerated() { index[member.key] = place }
        return index
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }
}
