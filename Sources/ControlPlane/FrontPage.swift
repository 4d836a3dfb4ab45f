import Broker
import Hummingbird

/// `GET /`: what this is, for whoever opens a door in a browser, and the proof that its certificate is accepted.
struct FrontPage: Sendable {
    let settings: ControlPlaneSettings
    let broker: Broker

    func answer(to request: Request) async throws -> Response {
        let rows = self.broker.addresses.map { door in
            "<tr><td>\(Self.escaped(door.name))</td><td><code>\(Self.escaped(Self.url(of: door)))</code></td></tr>"
        }
        return .html(
            """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Sundial</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
            td { padding: .2rem 1.5rem .2rem 0 } pre, code { font-family: ui-monospace, monospace }
            </style>
            <h1>Sundial</h1>
            <p>AWS IoT Core on this machine, version \(Self.escaped(self.settings.version)).
            If you came here over <code>https</code>, your browser now accepts the certificate, and
            <code>wss</code> from your pages will work too.</p>
            <table>
            \(rows.joined(separator: "\n"))
            </table>
            <p>MQTT over WebSocket is at <code>/mqtt</code>, for URLs that are signed. This prints one:</p>
            <pre>sundial sign</pre>
            <p>A signed URL that does not work says why when it is opened as a plain page:
            write <code>http</code> for <code>ws</code>.
            Counters are at <a href="/_sundial/status">/_sundial/status</a>.</p>
            </html>

            """)
    }

    private static func url(of door: Broker.Address) -> String {
        let host = HostName.isLoopback(door.host) ? "localhost" : door.host.contains(":") ? "[\(door.host)]" : door.host
        return "\(door.name)://\(host):\(door.port)"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
