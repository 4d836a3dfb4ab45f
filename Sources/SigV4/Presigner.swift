package import Timeline

/// The place a URL leads to.
package struct SignedEndpoint: Sendable, Equatable {
    /// The schemes that can be signed for.
    package enum Scheme: String, Sendable { case ws, wss, http, https }

    package var scheme: Scheme
    /// A name or an address; an IPv6 address with or without its brackets.
    package var host: String
    /// Nil: the scheme's own port.
    package var port: Int?
    /// Percent-encoded, with its leading slash.
    package var path: String

    /// The MQTT endpoint unless another path is given.
    package init(scheme: Scheme = .wss, host: String, port: Int? = nil, path: String = "/mqtt") {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
    }

    /// 443 for `wss` and `https`, 80 otherwise.
    package var defaultPort: Int { self.scheme == .wss || self.scheme == .https ? 443 : 80 }

    /// Host and port in one of the forms that clients use; lower-cased, as URL parsers do.
    package func authority(_ form: PresignOptions.HostForm = .portUnlessDefault) -> String {
        let bare = self.host.lowercased()
        let name = bare.contains(":") && !bare.hasPrefix("[") ? "[\(bare)]" : bare
        let port = self.port ?? self.defaultPort
        switch form {
        case .portUnlessDefault: return port == self.defaultPort ? name : "\(name):\(port)"
        case .portUnless443: return port == 443 ? name : "\(name):\(port)"
        case .withoutPort: return name
        case .alwaysWithPort: return "\(name):\(port)"
        }
    }
}

/// Makes presigned URLs. Source: `sigv4-websocket.md` §1–§4.
package enum Presigner {
    /// The URL that a client of this style would make.
    ///
    /// - Parameter expiresSeconds: `X-Amz-Expires`; nil leaves it to the style.
    package static func presign(
        _ endpoint: SignedEndpoint, as style: ClientStyle, credentials: Credentials, region: String, date: WallTime,
        expiresSeconds: Int? = nil
    ) -> String {
        var options = style.options
        if let expiresSeconds { options.expiresSeconds = expiresSeconds }
        return Presigner.presign(endpoint, credentials: credentials, region: region, date: date, options: options)
    }

    /// A presigned URL with every choice open.
    ///
    /// - Parameters:
    ///   - region: any text without a slash; the part of the scope.
    ///   - date: the time of signing; the URL is good for 5 minutes from it.
    package static func presign(
        _ endpoint: SignedEndpoint, credentials: Credentials, region: String, date: WallTime, options: PresignOptions = .init()
    ) -> String {
        let dateText = date.basicISO8601
        let scope = CredentialScope(
            accessKeyID: credentials.accessKeyID, date: String(dateText.prefix(8)), region: region, service: options.service)
        let signedHeaders = options.signsConnection ? "connection;host" : "host"
        var query = Presigner.parameters(options, scope: scope, date: dateText, signedHeaders: signedHeaders)
        let token = credentials.sessionToken.map { token in
            "X-Amz-Security-Token=" + PercentEncoding.encode(token, keeping: options.keepsSlashInToken ? [UInt8(ascii: "/")] : [])
        }
        if let token, options.token == .signed { query.append(token) }

        var canonical = [UInt8]()
        canonical.append(contentsOf: "GET\n".utf8)
        canonical.append(contentsOf: CanonicalPath.standard(Array(endpoint.path.utf8)[...]))
        canonical.append(UInt8(ascii: "\n"))
        CanonicalQuery(raw: Array(query.joined(separator: "&").utf8)[...]).append(to: &canonical, form: QueryForm(tokenInside: true))
        let connection = options.signsConnection ? "connection:Upgrade\n" : ""
        let host = endpoint.authority(options.signedHost)
        canonical.append(contentsOf: "\n\(connection)host:\(host)\n\n\(signedHeaders)\n\(SHA256.hexOfNothing)".utf8)
        let signature = StringToSign.sign(
            canonicalRequest: canonical, date: dateText, scope: scope.text,
            key: SigningKeyCache.derive(secret: credentials.secretAccessKey, scope: scope))

        if let token, options.token == .unsignedBeforeSignature { query.append(token) }
        query.append("X-Amz-Signature=\(signature.hex)")
        if let token, options.token == .unsignedAfterSignature { query.append(token) }
        return "\(endpoint.scheme.rawValue)://\(endpoint.authority(options.urlHost))\(endpoint.path)?\(query.joined(separator: "&"))"
    }

    /// The signed parameters in the order of the URL, the token excepted.
    private static func parameters(_ options: PresignOptions, scope: CredentialScope, date: String, signedHeaders: String) -> [String] {
        let extra = options.extraParameters.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        let algorithm = "X-Amz-Algorithm=\(SignatureClaim.algorithm)"
        let credential = "X-Amz-Credential=" + PercentEncoding.encode("\(scope.accessKeyID)/\(scope.text)")
        let dated = "X-Amz-Date=\(date)"
        let expires = options.expiresSeconds.map { ["X-Amz-Expires=\($0)"] } ?? []
        let headers = "X-Amz-SignedHeaders=" + PercentEncoding.encode(signedHeaders)
        switch options.order {
        case .expiresBeforeSignedHeaders: return extra + [algorithm, credential, dated] + expires + [headers]
        case .expiresAfterSignedHeaders: return extra + [algorithm, credential, dated, headers] + expires
        case .dateFirst: return extra + [dated] + expires + [algorithm, credential, headers]
        }
    }
}
