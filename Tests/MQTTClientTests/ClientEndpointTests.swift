import Testing

@testable import MQTTClient

@Suite struct ClientEndpointTests {
    @Test(arguments: [
        ("mqtt://localhost", ClientEndpoint.Transport.tcp, "localhost", 1883, "/mqtt", "localhost"),
        ("tcp://10.0.0.1:2000", .tcp, "10.0.0.1", 2000, "/mqtt", "10.0.0.1:2000"),
        ("mqtts://broker.example", .tls, "broker.example", 8883, "/mqtt", "broker.example"),
        ("SSL://h:1", .tls, "h", 1, "/mqtt", "h:1"),
        ("ws://localhost:8080/mqtt", .ws, "localhost", 8080, "/mqtt", "localhost:8080"),
        ("ws://localhost:8080/other?x=1", .ws, "localhost", 8080, "/other", "localhost:8080"),
        (
            "wss://a-ats.iot.eu-west-1.amazonaws.com/mqtt", .wss, "a-ats.iot.eu-west-1.amazonaws.com", 443, "/mqtt",
            "a-ats.iot.eu-west-1.amazonaws.com"
        ),
        ("wss://[::1]:8443", .wss, "::1", 8443, "/mqtt", "[::1]:8443"),
        ("wss://localhost:443/", .wss, "localhost", 443, "/mqtt", "localhost"),
        ("ws://h?X-Amz-Date=1/2", .ws, "h", 80, "/mqtt", "h"),
    ])
    func urlsAreRead(url: String, transport: ClientEndpoint.Transport, host: String, port: Int, path: String, authority: String) throws {
        let endpoint = try ClientEndpoint(parsing: url)
        #expect(endpoint.transport == transport)
        #expect(endpoint.host == host)
        #expect(endpoint.port == port)
        #expect(endpoint.path == path)
        #expect(endpoint.authority == authority)
    }

    @Test func userAndPasswordAreDecoded() throws {
        let endpoint = try ClientEndpoint(parsing: "mqtt://me:p%40ss%3Aw@h:1")
        #expect(endpoint.userName == "me")
        #expect(endpoint.password == "p@ss:w")
    }

    @Test func nothingSecretIsShown() throws {
        let endpoint = try ClientEndpoint(parsing: "wss://me:hidden@h:1/mqtt?X-Amz-Signature=abcdef")
        let configuration = MQTTClientConfiguration(endpoint: endpoint)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(endpoint)", String(reflecting: endpoint), "\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hidden"))
            #expect(!text.contains("abcdef"))
        }
        #expect("\(endpoint)" == "wss://h:1/mqtt")
    }

    @Test(arguments: [
        ("localhost:1883", "mqtt://localhost:1883"), ("https://h/mqtt", "wss://"), ("ftp://h", "not known"), ("mqtt://", "no host"),
        ("mqtt://h:0", "1 to 65535"), ("mqtt://h:http", "1 to 65535"), ("ws://[::1", "not closed"), ("ws://[::1]x", "a port or nothing"),
    ])
    func whatIsWrongWithAURLIsSaid(url: String, words: String) {
        let error = #expect(throws: MQTTClientError.self) { try ClientEndpoint(parsing: url) }
        #expect(error?.text.contains(words) == true, "\(error?.text ?? "")")
    }
}
