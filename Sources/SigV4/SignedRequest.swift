/// What a verifier needs to know of an HTTP request, exactly as it came over the wire.
package struct SignedRequest: Sendable {
    /// `GET`, `POST` …
    package var method: String
    /// Path and query, undecoded: `/mqtt?X-Amz-…`.
    package var target: String
    /// Header fields as sent and in order; names in any case.
    package var headers: [(name: String, value: String)]
    /// Lower-case hex SHA-256 of the body; nil when there is no body.
    package var bodySHA256Hex: String?
    /// The port of the listener, for readings of the host with it.
    package var localPort: Int?

    /// A request as read from the wire.
    package init(
        method: String, target: String, headers: [(name: String, value: String)], bodySHA256Hex: String? = nil, localPort: Int? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.bodySHA256Hex = bodySHA256Hex
        self.localPort = localPort
    }

    /// The region that the request's signature names, whether the signature is right or not; nil when it names none.
    package var claimedRegion: String? {
        let query = CanonicalQuery(raw: Array(self.target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst())[...])
        guard let credential = (AuthParameters(query: query) ?? AuthParameters(headersOf: self))?.credential else { return nil }
        return (try? CredentialScope(parsing: credential))?.region
    }

    /// The values of every header field called `name` (given in lower case), in order.
    func values(ofHeader name: String) -> [String] {
        self.headers.lazy.filter { $0.name.utf8.elementsEqualIgnoringCase(name.utf8) }.map(\.value)
    }
}

extension String.UTF8View {
    /// ASCII case-insensitive comparison; `lowercase` is already in lower case.
    func elementsEqualIgnoringCase(_ lowercase: String.UTF8View) -> Bool {
        guard self.count == lowercase.count else { return false }
        // Native texts lie in one piece; the iterators of two of them cost several times the comparison.
        let answer = self.withContiguousStorageIfAvailable { mine in
            lowercase.withContiguousStorageIfAvailable { wanted in mine.indices.allSatisfy { Self.lowered(mine[$0]) == wanted[$0] } }
        }
        return (answer ?? nil) ?? zip(self, lowercase).allSatisfy { Self.lowered($0) == $1 }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
