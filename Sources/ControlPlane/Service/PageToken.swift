import Foundation

/// `nextToken`: where a list goes on. Opaque to clients, good for the one list it was given for.
struct PageToken {
    /// Names the list.
    let list: String

    /// - Parameter key: the last one of the page that ends.
    func text(after key: [UInt8]) -> String {
        Data(Array("\(self.list)\n".utf8) + key).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The key to go on after; `nil` from the beginning.
    func key(in query: QueryParameters) throws(ServiceError) -> [UInt8]? {
        guard let text = try query.text("nextToken") else { return nil }
        let padded = text.replacing("-", with: "+").replacing("_", with: "/") + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let prefix = Array("\(self.list)\n".utf8)
        guard let bytes = Data(base64Encoded: padded).map(Array.init), bytes.starts(with: prefix) else {
            throw ServiceError(
                .invalidRequest, "Invalid nextToken",
                explanation: "nextToken '\(text.prefix(100))' was not given by this list; pass the one of the page before, or none.")
        }
        return Array(bytes.dropFirst(prefix.count))
    }
}
