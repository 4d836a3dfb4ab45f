import JSON

/// A place where a JSON value is not as expected.
struct JSONDifference: Equatable, Sendable {
    /// What is enough to see what is wrong.
    private static let most = 5

    /// JSON pointer; `""` is the whole value.
    var pointer: String
    /// As JSON or in words; nil is nothing.
    var expected: String?
    var found: JSONValue?

    /// `/reported/temp: expected 21, found 20`.
    var text: String {
        let place = self.pointer.isEmpty ? "the state" : self.pointer
        return "\(place): expected \(self.expected ?? "nothing"), found \(self.found.map { Self.excerpt($0.text) } ?? "nothing")"
    }

    /// Where two values differ, in the order of the expected one; the first few.
    static func add(between expected: JSONValue, and found: JSONValue, at pointer: String = "", to list: inout [JSONDifference]) {
        guard list.count < Self.most, expected != found else { return }
        switch (expected, found) {
        case (.object(let expected), .object(let found)):
            for (key, value) in expected {
                Self.add(between: value, andMember: found[key], at: JSONPointer.appending(key, to: pointer), to: &list)
            }
            for (key, value) in found where expected[key] == nil && list.count < Self.most {
                list.append(JSONDifference(pointer: JSONPointer.appending(key, to: pointer), expected: nil, found: value))
            }
        case (.array(let expected), .array(let found)) where expected.count == found.count:
            for place in expected.indices { Self.add(between: expected[place], and: found[place], at: "\(pointer)/\(place)", to: &list) }
        default:
            list.append(JSONDifference(pointer: pointer, expected: Self.excerpt(expected.text), found: found))
        }
    }

    private static func add(between expected: JSONValue, andMember found: JSONValue?, at pointer: String, to list: inout [JSONDifference]) {
        if let found {
            Self.add(between: expected, and: found, at: pointer, to: &list)
        } else if list.count < Self.most {
            list.append(JSONDifference(pointer: pointer, expected: Self.excerpt(expected.text), found: nil))
        }
    }

    fileprivate static func excerpt(_ text: String) -> String {
        let limit = 200
        return text.utf8.count <= limit ? text : String(text.prefix(limit)) + "…"
    }
}

extension JSONPattern {
    /// Where a value does not match, in the order of the pattern.
    func addDifferences(from found: JSONValue?, at pointer: String = "", _ variables: some LateValues, to list: inout [JSONDifference]) {
        if self.matches(found, variables) { return }
        switch (self, found) {
        case (.object(let members), .object(let object)?):
            for member in members {
                member.pattern.addDifferences(
                    from: object[member.key], at: JSONPointer.appending(member.key, to: pointer), variables, to: &list)
            }
        case (.array(let patterns), .array(let elements)?) where patterns.count == elements.count:
            for place in patterns.indices {
                patterns[place].addDifferences(from: elements[place], at: "\(pointer)/\(place)", variables, to: &list)
            }
        default:
            list.append(JSONDifference(pointer: pointer, expected: JSONDifference.excerpt(self.text(variables)), found: found))
        }
    }

    /// What is expected, in words.
    private func text(_ variables: some LateValues) -> String {
        switch self {
        case .any: "anything"
        case .absent: "nothing"
        case .literal(let value): value.text
        case .lateText(let text): (try? LateText.filled(text, from: variables)).map(\.text) ?? "a variable that has no value yet"
        case .type(let kind): "a value of type \(kind.rawValue)"
        case .greater(let bound): "more than \(bound)"
        case .near(let centre, let tolerance): "\(centre) ± \(tolerance)"
        case .regex(let pattern): "a text like \(pattern)"
        case .length(let count): "\(count) elements or characters"
        case .variable(let name): variables.lateValue(of: name)?.text ?? "the variable \(name), which has no value yet"
        case .object(let members): "an object with \(members.map(\.key).joined(separator: ", "))"
        case .array(let patterns): "an array of \(patterns.count)"
        }
    }
}
