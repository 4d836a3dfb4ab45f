import JSON
import Timeline

/// One version that is kept of a shadow.
struct PastVersion {
    let number: Int64
    let time: WallTime
    let cause: Int64
    let client: String?
    let principal: String?
    let isDeleted: Bool
    /// Sections by name; empty for a deletion.
    let state: JSONObject
    let metadata: JSONValue?
    /// As it was sent.
    let document: JSONValue
}

/// What is kept of a shadow's past, oldest first; the last is the present one.
struct PastVersions {
    let versions: [PastVersion]
    /// The service's time when it answered.
    let now: WallTime
    /// As it was sent.
    let document: JSONValue

    /// - Parameter document: the answer of the control API.
    init(_ document: JSONValue) throws(Complaint) {
        guard let now = document["now"]?.string.flatMap({ WallTime(iso8601: $0) }) else { throw Self.unreadable }
        self.now = now
        self.document = document
        var versions: [PastVersion] = []
        for element in document["versions"]?.array ?? [] {
            guard let number = element["version"]?.int64, let time = element["time"]?.string.flatMap({ WallTime(iso8601: $0) }) else {
                throw Self.unreadable
            }
            versions.append(
                PastVersion(
                    number: number, time: time, cause: element["cause"]?.int64 ?? 0, client: element["client"]?.string,
                    principal: element["principal"]?.string, isDeleted: element["deleted"]?.bool ?? false,
                    state: element["state"]?.object ?? [:], metadata: element["metadata"], document: element))
        }
        if versions.isEmpty { throw Self.unreadable }
        self.versions = versions
    }

    private static var unreadable: Complaint {
        Complaint("the history that was answered cannot be read; is that another version of Sundial?")
    }

    func present() throws(Complaint) -> PastVersion {
        guard let last = self.versions.last else { throw Self.unreadable }
        return last
    }

    func version(_ number: Int64) throws(Complaint) -> PastVersion {
        // A deletion and the version before it may have one number.
        let found = self.versions.last { $0.number == number && !$0.isDeleted } ?? self.versions.last { $0.number == number }
        if let found { return found }
        throw Complaint("version \(number) is not kept; there are \(self.range)", .failed)
    }

    /// The version that was the present one at a time.
    func version(at time: WallTime) throws(Complaint) -> PastVersion {
        if let found = self.versions.last(where: { $0.time <= time }) { return found }
        throw Complaint(
            "nothing is kept from before \(time.iso8601); the oldest version kept is \(self.range.prefix { $0 != " " }) of "
                + "\(self.versions.first?.time.iso8601 ?? "")", .failed)
    }

    private var range: String {
        let numbers = self.versions.map(\.number)
        guard let first = numbers.first, let last = numbers.last, first != last else { return "\(numbers.first ?? 0) only" }
        return "\(first) to \(last)"
    }
}
