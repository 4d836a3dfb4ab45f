/// A set of small indices with constant-time insert and removal in no particular order: links to flush, publishers to serve.
struct IndexSet: ~Copyable {
    private let stack: UnsafeMutablePointer<Int>
    private let contains: UnsafeMutablePointer<Bool>
    private var count = 0

    init(capacity: Int) {
        self.stack = .allocate(capacity: capacity)
        self.contains = .allocate(capacity: capacity)
        self.contains.initialize(repeating: false, count: capacity)
    }

    deinit {
        self.stack.deallocate()
        self.contains.deallocate()
    }

    @inline(__always)
    mutating func insert(_ index: Int) {
        guard !self.contains[index] else { return }
        self.contains[index] = true
        self.stack[self.count] = index
        self.count += 1
    }

    @inline(__always)
    mutating func popLast() -> Int? {
        guard self.count > 0 else { return nil }
        self.count -= 1
        let index = self.stack[self.count]
        self.contains[index] = false
        return index
    }
}
