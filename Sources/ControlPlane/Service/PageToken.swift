import Foundation
import SigV4

/// `nextToken`: where a list goes on. Opaque to clients, good for the one list it was given for, as long as the process lives.
struct PageToken {
    /// Names the list, with whatever chooses its entries.
    let list: String

    /// Only this process can make a token.
    private static let secret = (0..<32).map { _ in UInt8.random(in: 0 ... .max) }
    private static let checksumBytes = 16

    /// - Parameter key: the last one of the page that ends.
    func text(after key: [UInt8]) -> String {
        Data(self.checksum(of: key) + key).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The key to go on after; `nil` from the beginning.
    func key(in query: QueryParameters) throws(ServiceError) -> [UInt8]? {
        guard let text = try query.text("nextToken") else { return nil }
        let padded = text.replacing("-", with: "+").replacing("_", with: "/") + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let bytes = Data(base64Encoded: padded).map(Array.init) ?? []
        let key = Array(bytes.dropFirst(Self.checksumBytes))
        guard self.text(after: key) == text else {
            throw ServiceError(
                .invalidRequest, "Invalid nextToken",
                explanation:
                    "nextToken '\(text.prefix(100))' was not given by this list with these parameters; pass the one of the page before, or none."
            )
        }
        return key
    }

    private func checksum(of key: [UInt8]) -> [UInt8] {
        Array(SHA256.hex(of: Self.secret + Array(self.list.utf8) + [0] + key).utf8.prefix(Self.checksumBytes))
    }
}
