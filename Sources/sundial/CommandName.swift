/// The first word after `sundial`.
struct CommandName {
    let known: [String]

    /// What to say to a word that is no command; `nil` for one that is, for a flag and for nothing.
    func complaint(about word: String?) -> Complaint? {
        guard let word, !word.hasPrefix("-"), !self.known.contains(word) else { return nil }
        let ranked = self.known.map { (name: $0, distance: Self.distance(Array(word.unicodeScalars), Array($0.unicodeScalars))) }
        let nearest = ranked.min { $0.distance < $1.distance }
        let hint =
            nearest.flatMap { $0.distance <= 2 ? "did you mean '\($0.name)'?" : nil } ?? "there are \(self.known.joined(separator: ", "))"
        return Complaint("there is no command '\(word)'; \(hint)", .badArguments)
    }

    /// How many letters must be changed, added or taken away (Levenshtein).
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var row = Array(0...right.count)
        for (index, scalar) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let changed = diagonal + (scalar == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
