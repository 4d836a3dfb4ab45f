/// The first word after `sundial`.
struct CommandName {
    let known: [String]

    /// What to say to a word that is no command; `nil` for one that is, for a flag and for nothing.
    func complaint(about word: String?) -> Complaint? {
        guard let word, !word.hasPrefix("-"), !self.known.contains(word) else { return nil }
        return Complaint("there is no command '\(word)'; \(KnownWord.hint(for: word, among: self.known))", .badArguments)
    }
}

/// One word of a list that a person may have meant.
enum KnownWord {
    /// The word that was probably meant, or the whole list.
    static func hint(for word: String, among known: [String]) -> String {
        let ranked = known.map { (name: $0, distance: Self.distance(Array(word.unicodeScalars), Array($0.unicodeScalars))) }
        let nearest = ranked.min { $0.distance < $1.distance }
        return nearest.flatMap { $0.distance <= 2 ? "did you mean '\($0.name)'?" : nil } ?? "there are \(known.joined(separator: ", "))"
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
