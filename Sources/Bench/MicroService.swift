import JSON
import Shadows
import SigV4
import Timeline

/// What AWS-shaped requests cost beside the transport: JSON, shadows, signatures.
enum MicroService {
    static func run(_ timer: inout MicroTimer) throws {
        let document = ShadowLayout.document
        try timer.measure("parse 300 bytes of JSON") { try JSONValue(parsing: document).isNull ? 0 : 1 }
        let value = try JSONValue(parsing: document)
        var text: [UInt8] = []
        timer.measure("write 300 bytes of JSON") {
            text.removeAll(keepingCapacity: true)
            value.write(into: &text)
            return text.count
        }

        guard let thing = ThingName("bench") else { throw BenchFailure("bench is a thing name") }
        let now = WallTime(secondsSinceEpoch: 1_767_323_045)
        var store = ShadowStore()
        let request = ShadowRequest(id: ShadowID(thing: thing), operation: .update)
        timer.measure("shadow update, 300 bytes") { store.handle(request, payload: document, now: now).messages.count }
        let topic = Array("$aws/things/bench/shadow/name/light/update".utf8)
        timer.measure("read a shadow topic") { topic.withUnsafeBytes { ShadowTopic($0)?.isRequest == true ? 1 : 0 } }

        let endpoint = SignedEndpoint(scheme: .wss, host: "localhost", port: 8443)
        let url = Presigner.presign(endpoint, as: .javaScriptV1, credentials: .local, region: "us-east-1", date: now)
        guard let slash = url.firstRange(of: "/mqtt")?.lowerBound else { throw BenchFailure("a signed URL has a path") }
        let upgrade = SignedRequest(
            method: "GET", target: String(url[slash...]),
            headers: [("Host", "localhost:8443"), ("Connection", "Upgrade"), ("Upgrade", "websocket")])
        var verifier = SigV4Verifier(credentials: CredentialSet([.local]))
        guard case .accepted = verifier.verify(upgrade, now: now) else { throw BenchFailure("our own signature was refused") }
        timer.measure("verify a signed upgrade") {
            if case .accepted = verifier.verify(upgrade, now: now) { 1 } else { 0 }
        }
    }
}
