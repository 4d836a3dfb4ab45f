import COpenSSL

/// A name in a certificate's subjectAltName: a DNS name or an IP address. Source: RFC 5280 §4.2.1.6.
package enum AlternativeName: Hashable, Sendable, CustomStringConvertible {
    /// Lower case; `*.example.org` is allowed.
    case dns(String)
    /// 4 or 16 bytes.
    case address([UInt8])

    /// Reads a name or an address as a person writes it; `[::1]` may keep its brackets.
    package init(parsing text: String) throws(CertificateError) {
        var bare = text
        if bare.hasPrefix("["), bare.hasSuffix("]") { bare = String(bare.dropFirst().dropLast()) }
        if let octets = a2i_IPADDRESS(bare) {
            defer { ASN1_STRING_free(octets) }
            let start = ASN1_STRING_get0_data(octets)
            self = .address(Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(octets)))))
            return
        }
        ERR_clear_error()
        guard AlternativeName.isDNSName(bare) else { throw .invalidName(text) }
        self = .dns(bare.lowercased())
    }

    /// What every leaf of ours is good for. DESIGN §2, TLS.
    package static let local: [AlternativeName] = [
        .dns("localhost"), .address([127, 0, 0, 1]), .address([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    ]

    package var description: String {
        switch self {
        case .dns(let name): return name
        case .address(let bytes) where bytes.count == 4: return bytes.map(String.init).joined(separator: ".")
        case .address(let bytes):
            // Sixteen zero groups are rare in certificates of a developer's machine; only the loopback is shortened.
            if bytes.dropLast().allSatisfy({ $0 == 0 }), bytes.last == 1 { return "::1" }
            let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
            return groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
    }

    private static func isDNSName(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        // A last label of digits only would be an address that is none.
        if let last = labels.last, last.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { return false }
        return labels.enumerated().allSatisfy { index, label in
            if index == 0, label == "*", labels.count > 1 { return true }
            return !label.isEmpty && label.utf8.count <= 63 && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy(AlternativeName.isLabelByte)
        }
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }
}
