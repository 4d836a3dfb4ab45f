/// Signing keys, derived once per (key id, date, region, service): four HMACs saved on every further check.
///
/// Bounded, since region and key date come from the request: when full, the oldest entry goes. Source: `performance.md`, rule 5.
struct SigningKeyCache: Sendable {
    /// Entries kept; one is used per key id, day, region and service in use.
    static let capacity = 64

    private var keys: [CredentialScope: HMACKey] = [:]
    private var order: [CredentialScope] = []
    private var oldest = 0
    /// The entry used last: most doors see one key id, and comparing is cheaper than hashing.
    private var latest: (scope: CredentialScope, key: HMACKey)?

    /// The key for `scope`, from the cache or derived from `secret`.
    mutating func key(for scope: CredentialScope, secret: String) -> HMACKey {
        if let latest, latest.scope == scope { return latest.key }
        if let key = self.keys[scope] {
            self.latest = (scope, key)
            return key
        }
        let key = SigningKeyCache.derive(secret: secret, scope: scope)
        if self.order.count < SigningKeyCache.capacity {
            self.order.append(scope)
        } else {
            self.keys[self.order[self.oldest]] = nil
            self.order[self.oldest] = scope
            self.oldest = (self.oldest + 1) % SigningKeyCache.capacity
        }
        self.keys[scope] = key
        self.latest = (scope, key)
        return key
    }

    var count: Int { self.keys.count }

    /// `HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request")`. Source: `sigv4-websocket.md` §1, "key".
    static func derive(secret: String, scope: CredentialScope) -> HMACKey {
        var key = HMACKey(Array("AWS4".utf8) + Array(secret.utf8))
        for part in [scope.date, scope.region, scope.service, "aws4_request"] {
            key = HMACKey(key.authenticate(Array(part.utf8)))
        }
        return key
    }
}
