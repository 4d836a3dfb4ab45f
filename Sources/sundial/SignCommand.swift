import ArgumentParser
import Broker
import Certificates
import JSON
import SigV4
import Timeline

/// `sundial sign`: prints a presigned URL.
struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Print a signed URL of /mqtt.",
        discussion: """
            AWS IoT takes a URL for 5 minutes from the time of signing, whatever X-Amz-Expires says; a connection made in time stays.

            Examples:
              sundial sign
              sundial sign --ports-file ports.json --scheme ws
              sundial sign --key AKIDEXAMPLE --secret wJalrXUtnFEMI --region eu-west-1
              sundial sign --credentials ~/.aws/credentials --host a1b2c3-ats.iot.eu-west-1.amazonaws.com --region eu-west-1
              mqtt subscribe -l wss -h localhost -p 8443 --ca ca.pem --path "/mqtt?$(sundial sign | cut -d'?' -f2)" -t hello
            """)

    @OptionGroup var signing: SigningOptions

    @Option(help: ArgumentHelp("wss, ws, https or http.", valueName: "scheme"))
    var scheme = SignedEndpoint.Scheme.wss

    @Option(help: ArgumentHelp("Host to sign for.", valueName: "name"))
    var host = "localhost"

    @Option(
        help: ArgumentHelp(
            "Port to sign for. Default: 8443 for wss and https, 8080 for ws and http; 443 or 80 for hosts of amazonaws.com.",
            valueName: "port"))
    var port: Int?

    @Option(help: ArgumentHelp("Path to sign for.", valueName: "path"))
    var path = "/mqtt"

    @Option(help: ArgumentHelp("Take the port from the file that 'sundial serve --ports-file' wrote.", valueName: "file"))
    var portsFile: String?

    @Option(
        name: [.customLong("expires"), .customLong("expiry")],
        help: ArgumentHelp("X-Amz-Expires, in seconds. Default: left out, as most clients do.", valueName: "seconds"))
    var expires: Int?

    @Option(
        help: ArgumentHelp(
            "Sign as this client does: \(ClientStyle.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "client"))
    var style: ClientStyle?

    @Option(help: ArgumentHelp("Time of signing, such as 20260102T030405Z. Default: now.", valueName: "time"))
    var date: String?

    @Flag(help: "Print JSON with the URL and until when it is good.")
    var json = false

    func validate() throws {
        if let port, !(1...65535).contains(port) { throw ValidationError("--port \(port) is no port; give 1 to 65535.") }
        if self.port != nil, self.portsFile != nil { throw ValidationError("--port and --ports-file both say the port; give one of them.") }
        if let expires, expires < 1 { throw ValidationError("--expires \(expires) is no time to live; give seconds, 1 or more.") }
        do {
            _ = try AlternativeName(parsing: self.host)
        } catch {
            throw ValidationError("--host: \(error.text).")
        }
        if !self.path.hasPrefix("/") { throw ValidationError("--path \(self.path) must begin with '/'.") }
        if let date, WallTime(basicISO8601: date) == nil {
            throw ValidationError("--date \(date) is no time; write it like 20260102T030405Z.")
        }
    }

    func run() throws {
        let credentials = try self.signing.resolved()
        let date = self.date.flatMap { WallTime(basicISO8601: $0) } ?? Broker.systemWallTime()
        var options = self.style?.options ?? PresignOptions()
        if self.style == nil || self.signing.service != PresignOptions().service { options.service = self.signing.service }
        if let expires { options.expiresSeconds = expires }
        let url = Presigner.presign(
            try self.endpoint(), credentials: credentials, region: self.signing.region, date: date, options: options)
        guard self.json else {
            try Self.print(url)
            return
        }
        let object: JSONValue = .object([
            "url": .string(url), "signedAt": .string(date.iso8601), "validUntil": .string((date + Announcement.signatureLifetime).iso8601),
            "accessKeyId": .string(credentials.accessKeyID), "region": .string(self.signing.region), "service": .string(options.service),
        ])
        try Self.print(object.text)
    }

    private static func print(_ line: String) throws(Complaint) {
        guard StandardStream.output.write(line + "\n") else {
            throw Complaint("cannot write to standard output: it is closed or full; redirect it elsewhere")
        }
    }

    private func endpoint() throws(Complaint) -> SignedEndpoint {
        var endpoint = SignedEndpoint(scheme: self.scheme, host: self.host, port: self.port, path: self.path)
        let usesTLS = self.scheme == .wss || self.scheme == .https
        if let portsFile {
            endpoint.port = try PortsFile.door(usesTLS ? "https" : "http", in: portsFile).port
        } else if self.port == nil, !self.host.lowercased().hasSuffix(".amazonaws.com") {
            endpoint.port = usesTLS ? 8443 : 8080
        }
        return endpoint
    }
}

extension SignedEndpoint.Scheme: ExpressibleByArgument {}
extension ClientStyle: ExpressibleByArgument {}
