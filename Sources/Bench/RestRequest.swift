import SigV4

/// The requests of the REST load, signed as the AWS SDKs sign them: an `Authorization` header over host, date and body.
enum RestRequest {
    /// UpdateThingShadow: `POST /things/{thing}/shadow`.
    static func update(thing: String, document: [UInt8], at endpoint: Endpoint) -> [UInt8] {
        Self.post("/things/\(thing)/shadow", body: document, service: "iotdata", at: endpoint)
    }

    /// CreateThing: `POST /things/{thing}`.
    static func create(thing: String, at endpoint: Endpoint) -> [UInt8] {
        Self.post("/things/\(thing)", body: Array("{}".utf8), service: "iot", at: endpoint)
    }

    private static func post(_ path: String, body: [UInt8], service: String, at endpoint: Endpoint) -> [UInt8] {
        let signature = HeaderSigner.sign(
            method: "POST", target: path, host: endpoint.hostHeader, body: body, credentials: .local, region: "us-east-1",
            service: service, date: currentWallTime())
        var head = "POST \(path) HTTP/1.1\r\nHost: \(endpoint.hostHeader)\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in signature { head += "\(name): \(value)\r\n" }
        return Array((head + "\r\n").utf8) + body
    }
}
