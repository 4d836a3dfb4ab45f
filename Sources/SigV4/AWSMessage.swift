import Timeline

/// The texts of the service, as templates. Do not reword: tests compare them with what was seen.
///
/// Source: `sigv4-websocket.md` §8. `mismatch` and `expired` were inferred by exact body length from real answers; the others are
/// what AWS services answer in general and are unconfirmed for this endpoint.
enum AWSMessage {
    case mismatch
    case expired(date: WallTime, limit: WallTime, now: WallTime, minutes: Int64)
    case notYetCurrent(date: WallTime, limit: WallTime, now: WallTime)
    case invalidToken
    case wrongService(expected: String)
    case wrongRegion
    case scopeDate(scopeDate: String, date: String)
    case missingQueryParameters([String])
    case missingHeaderParameters([String])
    case missingAuthentication
    case algorithm(String)
    case credentialShape(String)
    case credentialTerminator(String)
    case hostNotSigned
    case date
    case payloadHash

    var text: String {
        switch self {
        case .mismatch:
            """
            The request signature we calculated does not match the signature you provided. \
            Check your AWS Secret Access Key and signing method. Consult the service documentation for details.
            """
        case .expired(let date, let limit, let now, let minutes):
            """
            Signature expired: \(date.basicISO8601) is now earlier than \(limit.basicISO8601) \
            (\(now.basicISO8601) - \(minutes) min.)
            """
        case .notYetCurrent(let date, let limit, let now):
            "Signature not yet current: \(date.basicISO8601) is still later than \(limit.basicISO8601) (\(now.basicISO8601) + 5 min.)"
        case .invalidToken:
            "The security token included in the request is invalid."
        case .wrongService(let expected):
            "Credential should be scoped to correct service: '\(expected)'."
        case .wrongRegion:
            "Credential should be scoped to a valid region."
        case .scopeDate(let scopeDate, let date):
            """
            Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
            '\(Quoted.text(scopeDate))' != '\(date.prefix(8))', from '\(Quoted.text(date))'.
            """
        case .missingQueryParameters(let names):
            names.map { "AWS query-string parameters must include '\($0)'." }.joined(separator: " ")
                + " Re-examine the query-string parameters."
        case .missingHeaderParameters(let names):
            names.map { "Authorization header requires '\($0)' parameter." }.joined(separator: " ")
        case .missingAuthentication:
            "Missing Authentication Token"
        case .algorithm(let name):
            "Unsupported AWS 'algorithm': '\(Quoted.text(name))'."
        case .credentialShape(let credential):
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '\(Quoted.text(credential))'"
        case .credentialTerminator(let terminator):
            "Credential should be scoped with a valid terminator: 'aws4_request', not '\(Quoted.text(terminator))'."
        case .hostNotSigned:
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        case .date:
            "Date must be in ISO-8601 'basic format'. See http://en.wikipedia.org/wiki/ISO_8601"
        case .payloadHash:
            "The provided 'x-amz-content-sha256' header does not match what was computed."
        }
    }
}
