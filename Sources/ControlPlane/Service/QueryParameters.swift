/// The query of a request, decoded parameter by parameter as an operation asks for it.
struct QueryParameters: Sendable {
    private let pairs: [(name: Substring, value: Substring)]

    /// - Parameter target: path and query as sent.
    init(target: String) {
        let query = target.drop { $0 != "?" }.dropFirst()
        self.pairs = query.split(separator: "&").map { pair in
            let name = pair.prefix { $0 != "=" }
            return (name, pair[name.endIndex...].dropFirst())
        }
    }

    /// Every parameter, in order.
    func all() throws(ServiceError) -> [(name: String, value: String)] {
        var all: [(name: String, value: String)] = []
        for (name, value) in self.pairs {
            do throws(PercentText.Fault) {
                all.append((try PercentText.decode(name, plusIsSpace: true), try PercentText.decode(value, plusIsSpace: true)))
            } catch {
                throw .invalid("The query parameter '\(name.prefix(100))' cannot be read: \(error.text).")
            }
        }
        return all
    }

    /// The first parameter of this name; `nil` when there is none.
    func text(_ name: String) throws(ServiceError) -> String? {
        guard let pair = self.pairs.first(where: { $0.name == name }) else { return nil }
        do throws(PercentText.Fault) {
            return try PercentText.decode(pair.value, plusIsSpace: true)
        } catch {
            throw .invalid("The query parameter '\(name)' cannot be read: \(error.text).")
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) throws(ServiceError) -> Int64? {
        guard let text = try self.text(name) else { return nil }
        guard let number = Int64(text) else { throw .invalid("'\(name)' must be a whole number, not '\(text.prefix(200))'.") }
        if number < range.lowerBound {
            throw .constraint(text, at: name, "Member must have value greater than or equal to \(range.lowerBound)")
        }
        if number > range.upperBound {
            throw .constraint(text, at: name, "Member must have value less than or equal to \(range.upperBound)")
        }
        return number
    }

    func boolean(_ name: String) throws(ServiceError) -> Bool? {
        guard let text = try self.text(name) else { return nil }
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default: throw .invalid("'\(name)' must be true or false, not '\(text.prefix(200))'.")
        }
    }
}
