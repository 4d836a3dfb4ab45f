/// What a name or value of the service's model may be, and its words for one that is not.
struct NameRule: Sendable {
    let bytes: ClosedRange<Int>
    /// As the model writes it.
    let pattern: String
    /// Allowed beside letters and digits.
    private let others: [UInt8]

    private init(bytes: ClosedRange<Int>, pattern: String, beside others: String) {
        self.bytes = bytes
        self.pattern = pattern
        self.others = Array(others.utf8)
    }

    /// Things, thing types, billing groups.
    static let thing = NameRule(bytes: 1...128, pattern: "[a-zA-Z0-9:_-]+", beside: ":_-")
    static let shadow = NameRule(bytes: 1...64, pattern: "[$a-zA-Z0-9:_-]+", beside: "$:_-")
    static let attributeName = NameRule(bytes: 1...128, pattern: "[a-zA-Z0-9_.,@/:#-]+", beside: "_.,@/:#-")
    static let attributeValue = NameRule(bytes: 0...800, pattern: #"[a-zA-Z0-9_.,@/:#=\[\]-]*"#, beside: "_.,@/:#=[]-")

    /// The text itself, when it is allowed.
    func checked(_ text: String, at member: String) throws(ServiceError) -> String {
        let count = text.utf8.count
        if count < self.bytes.lowerBound {
            throw .constraint(text, at: member, "Member must have length greater than or equal to \(self.bytes.lowerBound)")
        }
        if count > self.bytes.upperBound {
            throw .constraint(text, at: member, "Member must have length less than or equal to \(self.bytes.upperBound)")
        }
        guard text.utf8.allSatisfy(self.allows) else {
            throw .constraint(text, at: member, "Member must satisfy regular expression pattern: \(self.pattern)")
        }
        return text
    }

    private func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: self.others.contains(byte)
        }
    }
}
