package import Timeline

/// Signs REST requests with an `Authorization` header, as boto3 and the SDKs do. Source: `sigv4-websocket.md` §7.
package enum HeaderSigner {
    /// The header fields to add to a request: `X-Amz-Date`, `X-Amz-Security-Token` for temporary keys, `Authorization`.
    ///
    /// - Parameters:
    ///   - target: path and query as they go over the wire, percent-encoded.
    ///   - host: the `Host` header as it will be sent.
    ///   - headers: further header fields to sign.
    package static func sign(
        method: String, target: String, host: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        credentials: Credentials, region: String, service: String = "iotdata", date: WallTime
    ) -> [(name: String, value: String)] {
        let dateText = date.basicISO8601
        var added: [(name: String, value: String)] = [("X-Amz-Date", dateText)]
        if let token = credentials.sessionToken { added.append(("X-Amz-Security-Token", token)) }
        let signed = ([("host", host)] + (headers + added).map { ($0.name.lowercased(), HeaderText.canonical($0.value)) })
            .sorted { $0.0 < $1.0 }
        let names = signed.map(\.0).joined(separator: ";")

        let bytes = Array(target.utf8)
        let mark = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
        var canonical = Array("\(method)\n".utf8)
        canonical.append(contentsOf: CanonicalPath.standard(bytes[..<mark]))
        canonical.append(UInt8(ascii: "\n"))
        CanonicalQuery(raw: bytes[min(mark + 1, bytes.count)...]).append(to: &canonical, form: QueryForm(tokenInside: true))
        let lines = signed.map { "\($0.0):\($0.1)\n" }.joined()
        canonical.append(contentsOf: "\n\(lines)\n\(names)\n\(SHA256.hex(of: body))".utf8)

        let scope = CredentialScope(
            accessKeyID: credentials.accessKeyID, date: String(dateText.prefix(8)), region: region, service: service)
        let signature = StringToSign.sign(
            canonicalRequest: canonical, date: dateText, scope: scope.text,
            key: SigningKeyCache.derive(secret: credentials.secretAccessKey, scope: scope))
        let credential = "Credential=\(scope.accessKeyID)/\(scope.text)"
        added.append(("Authorization", "\(SignatureClaim.algorithm) \(credential), SignedHeaders=\(names), Signature=\(signature.hex)"))
        return added
    }
}
