import Glibc
import SigV4
import Timeline

extension UpgradeMachine {
    /// The upgrade that `configuration` asks for, signed now if it says how.
    init(_ configuration: MQTTClientConfiguration) {
        let endpoint = configuration.endpoint
        self.init(
            target: Self.target(configuration, at: Self.wallTime), host: configuration.hostHeader ?? endpoint.authority,
            subprotocol: configuration.subprotocol, headers: configuration.headers, key: (0..<16).map { _ in .random(in: .min ... .max) })
    }

    /// Path and query, with a presigned query in place of the URL's own where the configuration signs.
    static func target(_ configuration: MQTTClientConfiguration, at date: WallTime) -> String {
        let endpoint = configuration.endpoint
        guard let signing = configuration.signing else { return endpoint.path + (endpoint.query.map { "?\($0)" } ?? "") }
        let place = SignedEndpoint(
            scheme: endpoint.transport == .wss ? .wss : .ws, host: endpoint.host, port: endpoint.port, path: endpoint.path)
        let url: String
        if let style = signing.style {
            url = Presigner.presign(place, as: style, credentials: signing.credentials, region: signing.region, date: date)
        } else {
            url = Presigner.presign(
                place, credentials: signing.credentials, region: signing.region, date: date, options: signing.options)
        }
        return endpoint.path + (url.firstIndex(of: "?").map { String(url[$0...]) } ?? "")
    }

    private static var wallTime: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(secondsSinceEpoch: Int64(time.tv_sec))
    }
}
