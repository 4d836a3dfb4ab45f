import JSON

/// A section's values with the time each was set: state and metadata are two views of one tree.
struct ShadowTree: Sendable {
    /// A leaf is a string, number, boolean or array (arrays are replaced whole, so one time serves all elements).
    enum Node: Sendable {
        case leaf(JSONValue, seconds: Int64)
        case branch(ShadowTree)
        /// Deleted by the merge under way; never seen outside of it.
        case removed

        fileprivate var isRemoved: Bool {
            if case .removed = self { true } else { false }
        }
    }

    struct Member: Sendable {
        let key: JSONKey
        var node: Node
    }

    private(set) var members: [Member] = []

    init() {}

    init(members: [Member]) {
        self.members = members
    }

    var isEmpty: Bool { self.members.isEmpty }

    /// The place of a key among the first `known` members, looking at `hint` first because requests repeat a document's order.
    func index(of key: JSONKey, hint: Int, among known: Int) -> Int? {
        if hint < known, self.members[hint].key == key { return hint }
        for place in 0..<known where self.members[place].key == key { return place }
        return nil
    }

    /// Key to place, when both sides of a walk are too large to look through one by one.
    func indexForWalk(over other: Int) -> [JSONKey: Int]? {
        guard self.members.count >= JSONObject.indexedFrom, other >= JSONObject.indexedFrom else { return nil }
        var index: [JSONKey: Int] = [:]
        index.reserveCapacity(self.members.count)
        for place in self.members.indices { index[self.members[place].key] = place }
        return index
    }
}

/// When and how a merge stamps what it touches.
struct MergeContext {
    let seconds: Int64
    let switches: ShadowSwitches
}

// MARK: - Merging

extension ShadowTree {
    /// Applies a request's section: null deletes, objects are merged, anything else replaces.
    ///
    /// Cost: proportional to the patch, plus one look at the members of each object it touches.
    /// - Source: Developer Guide "Device Shadow service documents"; empty objects and nulls in new objects: device-shadow §5.
    mutating func merge(_ patch: JSONObject, _ context: MergeContext) {
        let index = self.indexForWalk(over: patch.members.count)
        let known = self.members.count
        var hint = 0
        var removed = false
        for place in patch.members.indices {
            let key = patch.members[place].key
            // Keys of the patch are unique, so those just added are not looked through: that would be quadratic.
            let found = index.map { $0[key] } ?? self.index(of: key, hint: hint, among: known)
            if let found {
                hint = found + 1
                self.members[found].node.merge(patch.members[place].value, context)
                removed = removed || self.members[found].node.isRemoved
            } else if let node = Node(new: patch.members[place].value, context) {
                self.members.append(Member(key: key, node: node))
            }
        }
        if removed { self.members.removeAll { $0.node.isRemoved } }
    }

    /// A new object without its nulls; nil when it held nothing but nulls, at any depth, and such objects are not stored.
    fileprivate init?(new object: JSONObject, _ context: MergeContext) {
        let stripped = ShadowTree(stripping: object, context)
        if stripped.isEmpty, !object.isEmpty, context.switches.dropsObjectsOfNulls { return nil }
        self = stripped
    }

    fileprivate init(stripping object: JSONObject, _ context: MergeContext) {
        self.members.reserveCapacity(object.members.count)
        for place in object.members.indices {
            guard let node = Node(new: object.members[place].value, context) else { continue }
            self.members.append(Member(key: object.members[place].key, node: node))
        }
    }
}

extension ShadowTree.Node {
    /// Nil when nothing is to be stored.
    fileprivate init?(new value: JSONValue, _ context: MergeContext) {
        switch value {
        case .null:
            return nil
        case .object(let object):
            guard let tree = ShadowTree(new: object, context) else { return nil }
            self = .branch(tree)
        case .bool, .number, .string, .array:
            self = .leaf(value, seconds: context.seconds)
        }
    }

    fileprivate mutating func merge(_ value: JSONValue, _ context: MergeContext) {
        switch value {
        case .null:
            self = .removed
        case .object(let patch):
            guard case .branch(var tree) = self else {
                self = .branch(ShadowTree(stripping: patch, context))
                return
            }
            // Let go of the stored tree first, so that it is changed in place.
            self = .removed
            tree.merge(patch, context)
            if !tree.isEmpty || patch.isEmpty || context.switches.keepsEmptiedObjects { self = .branch(tree) }
        case .bool, .number, .string, .array:
            if !context.switches.restampsEqualValues, case .leaf(let stored, _) = self, stored == value { return }
            self = .leaf(value, seconds: context.seconds)
        }
    }
}
