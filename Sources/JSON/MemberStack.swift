/// Members of the containers being read, innermost last. Elements of arrays are members without a key.
///
/// Growing arrays per container cost half of the parsing time; here each container is one exact allocation.
struct MemberStack: ~Copyable {
    private var base: UnsafeMutablePointer<JSONObject.Member>
    private var capacity: Int
    private(set) var count = 0

    init() {
        self.capacity = 48
        self.base = .allocate(capacity: self.capacity)
    }

    deinit {
        self.base.deinitialize(count: self.count)
        self.base.deallocate()
    }

    mutating func push(_ value: consuming JSONValue) {
        self.push(JSONObject.Member(key: MemberStack.noKey, value: value))
    }

    /// Adds a member, or replaces the value of an earlier one of that name since `mark`.
    /// - Returns: whether it replaced one.
    mutating func put(_ key: JSONKey, _ value: consuming JSONValue, from mark: Int, index: inout [JSONKey: Int]?) -> Bool {
        guard let place = self.place(of: key, from: mark, index: &index) else {
            self.push(JSONObject.Member(key: key, value: value))
            return false
        }
        self.base[place].value = value
        return true
    }

    mutating func takeMembers(from mark: Int) -> [JSONObject.Member] {
        let taken = self.count - mark
        let source = self.base + mark
        self.count = mark
        return Array(unsafeUninitializedCapacity: taken) { buffer, initialized in
            buffer.baseAddress?.moveInitialize(from: source, count: taken)
            initialized = taken
        }
    }

    mutating func takeValues(from mark: Int) -> [JSONValue] {
        let taken = self.count - mark
        let source = self.base + mark
        self.count = mark
        return Array(unsafeUninitializedCapacity: taken) { buffer, initialized in
            for place in 0..<taken {
                buffer.initializeElement(at: place, to: (source + place).move().value)
            }
            initialized = taken
        }
    }

    private static let noKey = JSONKey("")

    private mutating func push(_ member: consuming JSONObject.Member) {
        if self.count == self.capacity { self.grow() }
        (self.base + self.count).initialize(to: member)
        self.count += 1
    }

    /// Walks small objects; large ones get an index, so that hostile input costs no quadratic time.
    private func place(of key: JSONKey, from mark: Int, index: inout [JSONKey: Int]?) -> Int? {
        if self.count - mark < JSONObject.indexedFrom {
            var place = mark
            while place < self.count {
                if self.base[place].key == key { return place }
                place += 1
            }
            return nil
        }
        if index == nil {
            var built: [JSONKey: Int] = [:]
            for place in mark..<self.count { built[self.base[place].key] = place }
            index = built
        }
        if let place = index?[key] { return place }
        index?[key] = self.count
        return nil
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<JSONObject.Member>.allocate(capacity: self.capacity * 2)
        larger.moveInitialize(from: self.base, count: self.count)
        self.base.deallocate()
        self.base = larger
        self.capacity *= 2
    }
}
