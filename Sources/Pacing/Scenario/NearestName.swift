/// The known name a misspelt one probably meant.
enum NearestName {
    /// The closest of `known` within a third of the length (at least 2 edits), nil when none is close.
    static func of(_ name: String, among known: some Sequence<String>) -> String? {
        var best: (name: String, distance: Int)?
        let written = Array(name.utf8.prefix(64))
        for candidate in known {
            let distance = Self.distance(Self.lowered(written), Self.lowered(Array(candidate.utf8)))
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        guard let best, best.distance <= max(2, written.count / 3), best.distance < max(written.count, 2) else { return nil }
        return best.name
    }

    /// `did you mean "x"?`, or the whole list when nothing is close and the list is short.
    static func hint(for name: String, among known: [String]) -> String {
        if let nearest = Self.of(name, among: known) { return "did you mean \"\(nearest)\"?" }
        if known.isEmpty { return "there is none to choose from" }
        return "known here: \(known.joined(separator: ", "))"
    }

    private static func lowered(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
    }

    /// Optimal string alignment distance: a swap of neighbours counts one.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let change = previous[column] + (left[row] == right[column] ? 0 : 1)
                var least = min(change, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, before[column - 1] + 1)
                }
                current.append(least)
            }
            before = previous
            previous = current
        }
        return previous[right.count]
    }
}
