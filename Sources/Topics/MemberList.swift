/// The subscribers of one filter, in an array for the match loop; long lists get a table of positions, so that
/// ten thousand clients may subscribe to one topic.
@usableFromInline
struct MemberList<Member: Hashable, Options> {
    @usableFromInline
    struct Entry {
        @usableFromInline let member: Member
        @usableFromInline var options: Options
    }

    @usableFromInline private(set) var entries: [Entry] = []
    private var positions: [Member: Int]?

    /// Up to here a search through the array is cheaper than a hash.
    private static var longestSearch: Int { 16 }

    init() {}

    /// - Returns: the options replaced, or nil when `member` is new.
    mutating func set(_ member: Member, _ options: Options) -> Options? {
        if let position = self.position(of: member) {
            let replaced = self.entries[position].options
            self.entries[position].options = options
            return replaced
        }
        self.positions?[member] = self.entries.count
        self.entries.append(Entry(member: member, options: options))
        if self.positions == nil, self.entries.count > Self.longestSearch {
            var positions: [Member: Int] = [:]
            for (position, entry) in self.entries.enumerated() { positions[entry.member] = position }
            self.positions = positions
        }
        return nil
    }

    /// The last entry takes the place of the removed one.
    mutating func remove(_ member: Member) -> Options? {
        guard let position = self.position(of: member) else { return nil }
        let removed = self.entries[position]
        let last = self.entries.removeLast()
        if position < self.entries.count {
            self.entries[position] = last
            self.positions?[last.member] = position
        }
        self.positions?[member] = nil
        if self.entries.count <= Self.longestSearch / 2 { self.positions = nil }
        if self.entries.isEmpty { self.entries = [] }
        return removed.options
    }

    func options(of member: Member) -> Options? {
        self.position(of: member).map { self.entries[$0].options }
    }

    private func position(of member: Member) -> Int? {
        guard let positions = self.positions else { return self.entries.firstIndex { $0.member == member } }
        return positions[member]
    }
}

extension MemberList: Sendable where Member: Sendable, Options: Sendable {}
extension MemberList.Entry: Sendable where Member: Sendable, Options: Sendable {}
