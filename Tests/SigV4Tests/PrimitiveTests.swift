import Testing

@testable import SigV4

/// Digests and encodings under the signature.
@Suite struct PrimitiveTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ])
    func sha256IsThatOfFIPS180(_ text: String, _ expected: String) {
        #expect(SHA256.hex(of: Array(text.utf8)) == expected)
        var hash = SHA256()
        for byte in text.utf8 { withUnsafeBytes(of: byte) { hash.update($0) } }
        #expect(hash.finish().hex == expected)
    }

    /// RFC 4231 §4.2, §4.3, §4.7.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (Array("Jefe".utf8), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func hmacIsThatOfRFC4231(_ key: [UInt8], _ message: String, _ expected: String) {
        #expect(HMACKey(key).authenticate(Array(message.utf8)).hex == expected)
    }

    @Test func aDigestIsReadFromLowerCaseHexOnly() throws {
        let hex = SHA256.hexOfNothing
        let digest = try #require(Digest(lowercaseHex: hex))
        #expect(digest.hex == hex)
        #expect(digest.matches(SHA256.digest(of: [])))
        #expect(!digest.matches(SHA256.digest(of: [1])))
        for text in [hex.uppercased(), String(hex.dropLast()), hex + "0", "g" + hex.dropFirst(), ""] {
            #expect(Digest(lowercaseHex: text) == nil)
        }
    }

    /// `sigv4-websocket.md` §1 and §6.4; names of §10's query cases.
    @Test(arguments: [
        ("", ""), ("a=1", "a=1"), ("b=2&a=1", "a=1&b=2"), ("a=2&a=1", "a=1&a=2"), ("a", "a="), ("a=b=c", "a=b%3Dc"), ("=x", "=x"),
        ("a=%2f", "a=%2F"), ("a=/", "a=%2F"), ("a=%7e~", "a=~~"), ("a=%41", "a=A"), ("a=1+2", "a=1%2B2"), ("a=%20", "a=%20"),
        ("a=%zz&b=%", "a=%25zz&b=%25"), ("a=ü", "a=%C3%BC"), ("&&a=1&", "a=1"), ("a-=1&a=2", "a=2&a-=1"), ("A=1&a=1&B=1", "A=1&B=1&a=1"),
        ("X-Amz-Signature=1&b=2", "b=2"), ("X-Amz-Security-Token=1&b=2", "b=2"),
    ])
    func theQueryIsDecodedEncodedStrictlyAndSorted(_ raw: String, _ expected: String) {
        var bytes: [UInt8] = []
        CanonicalQuery(raw: Array(raw.utf8)[...]).append(to: &bytes, form: QueryForm())
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test func aPlusIsASpaceInTheOtherReadingOnly() {
        let query = CanonicalQuery(raw: Array("a=1+2%2B3".utf8)[...], plusIsSpace: true)
        var bytes: [UInt8] = []
        query.append(to: &bytes, form: QueryForm())
        #expect(query.hasPlus)
        #expect(String(decoding: bytes, as: UTF8.self) == "a=1%202%2B3")
    }

    @Test(arguments: [
        ("/mqtt", "/mqtt", "/mqtt"), ("/", "/", "/"), ("", "/", "/"), ("/a%2Fb", "/a%252Fb", "/a%252Fb"),
        ("/a//b/./c/../d/", "/a//b/./c/../d/", "/a/b/d/"),
        ("/../x", "/../x", "/x"), ("/$aws", "/%24aws", "/%24aws"),
    ])
    func thePathIsEncodedOnceMoreAndKeepsItsSlashes(_ path: String, _ standard: String, _ normalized: String) {
        #expect(String(decoding: CanonicalPath.standard(Array(path.utf8)[...]), as: UTF8.self) == standard)
        #expect(String(decoding: CanonicalPath.normalized(Array(path.utf8)[...]), as: UTF8.self) == normalized)
    }

    @Test func headerValuesAreTrimmedAndInnerBlanksCollapsed() {
        #expect(HeaderText.canonical("  a   b \t c  ") == "a b c")
        #expect(HeaderText.canonical("Keep-Alive, Upgrade") == "Keep-Alive, Upgrade")
        #expect(HeaderText.canonical(" \t ") == "")
    }

    @Test func theKeyCacheStaysBoundedAndForgetsTheOldest() {
        var cache = SigningKeyCache()
        let first = CredentialScope(accessKeyID: "k", date: "20260102", region: "r0", service: "s")
        for number in 0..<1000 {
            let scope = CredentialScope(accessKeyID: "k", date: "20260102", region: "r\(number)", service: "s")
            let cached = cache.key(for: scope, secret: "secret").authenticate([1])
            #expect(cached.matches(SigningKeyCache.derive(secret: "secret", scope: scope).authenticate([1])))
            #expect(cache.count <= SigningKeyCache.capacity)
        }
        #expect(cache.count == SigningKeyCache.capacity)
        // Forgotten, hence derived from what is given now.
        let again = cache.key(for: first, secret: "another").authenticate([1])
        #expect(again.matches(SigningKeyCache.derive(secret: "another", scope: first).authenticate([1])))
    }

    @Test func credentialsNeverPrintTheirSecret() {
        let credentials = Credentials(accessKeyID: "AKID", secretAccessKey: "hush-hush", sessionToken: "tok-tok")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), String(reflecting: [credentials]), dumped] {
            #expect(text.contains("AKID"))
            #expect(!text.contains("hush") && !text.contains("tok-tok"))
        }
    }
}
