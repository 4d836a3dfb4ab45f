import AsyncHTTPClient
import Broker
import JSON
import MQTTClient
import NIOCore
import NIOHTTP1
import NIOSSL
import SigV4

/// Asks a running Sundial, or AWS IoT, over HTTP.
struct ServiceConnection: Sendable {
    let endpoint: ClientEndpoint
    private let client: HTTPClient

    /// The largest answer that is read; a snapshot is one.
    private static let maximumBytes = 1 << 30
    /// How long an answer is waited for.
    static let patience = TimeAmount.seconds(60)

    /// Lends one to `body`.
    static func with<Result: Sendable>(
        _ place: ServicePlace, _ body: (ServiceConnection) async throws -> Result
    ) async throws -> Result {
        let endpoint = try place.endpoint()
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.tlsConfiguration = try Self.tls(try place.trust(endpoint))
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(10)
        configuration.timeout.read = Self.patience
        // A door that is closed is said so at once.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(ServiceConnection(endpoint: endpoint, client: client))
            try await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    /// Where that is, for people.
    var address: String { "\(self.endpoint.transport.isEncrypted ? "https" : "http")://\(self.endpoint.authority)" }

    /// - Parameters:
    ///   - what: what is asked for, as a complaint says it: `the shadow`.
    ///   - target: path and query, percent-encoded.
    func ask(
        _ what: String, _ method: HTTPMethod, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        patience: TimeAmount = Self.patience
    ) async throws(Complaint) -> [UInt8] {
        let answer: ServiceAnswer
        do {
            answer = try await self.answer(of: try await self.send(method, target, headers: headers, body: body, patience: patience))
        } catch {
            throw self.complaint(about: error)
        }
        if let complaint = answer.complaint(about: what, at: self.address) { throw complaint }
        return answer.body
    }

    /// Asks for what comes line by line.
    ///
    /// - Parameter onLine: gets each line without its end, and says whether it wants more.
    /// - Throws: also when the answer ends before `onLine` has had enough.
    func follow(
        _ what: String, _ target: String, headers: [(name: String, value: String)], _ onLine: ([UInt8]) throws(Complaint) -> Bool
    ) async throws(Complaint) {
        var line: [UInt8] = []
        do {
            let response = try await self.send(.GET, target, headers: headers, body: [])
            guard response.status == .ok else {
                let answer = try await self.answer(of: response)
                throw answer.complaint(about: what, at: self.address)
                    ?? Complaint("\(what): \(self.address) answered \(answer.status); is that Sundial?")
            }
            for try await part in response.body {
                var rest = part.readableBytesView[...]
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    line += rest[..<end]
                    rest = rest[rest.index(after: end)...]
                    guard try onLine(line) else { return }
                    line.removeAll(keepingCapacity: true)
                }
                line += rest
            }
        } catch let complaint as Complaint {
            throw complaint
        } catch {
            throw self.complaint(about: error)
        }
        throw Complaint("\(what): \(self.address) ended the connection", .notConnected)
    }

    private func send(
        _ method: HTTPMethod, _ target: String, headers: [(name: String, value: String)], body: [UInt8],
        patience: TimeAmount = Self.patience
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: self.address + target)
        request.method = method
        request.headers = HTTPHeaders([("Host", self.endpoint.authority)] + headers.map { ($0.name, $0.value) })
        if !body.isEmpty || method == .POST { request.body = .bytes(body) }
        return try await self.client.execute(request, timeout: patience)
    }

    private func answer(of response: HTTPClientResponse) async throws -> ServiceAnswer {
        ServiceAnswer(
            status: Int(response.status.code), error: response.headers.first(name: "x-amzn-ErrorType"),
            explanation: response.headers.first(name: "x-sundial-explanation"),
            body: Array(try await response.body.collect(upTo: Self.maximumBytes).readableBytesView))
    }

    private func complaint(about error: any Error) -> Complaint {
        if let error = error as? HTTPClientError, [.connectTimeout, .readTimeout, .deadlineExceeded].contains(error) {
            return Complaint("\(self.address) did not answer in time; is it Sundial, and is it busy?", .timedOut)
        }
        if let error = error as? HTTPClientError, error == .remoteConnectionClosed {
            return Complaint("\(self.address) closed the connection without an answer; is that an http door of Sundial?", .notConnected)
        }
        let way = "Start Sundial with 'sundial serve', or say where it runs with --url or --ports-file"
        switch ConnectionFault.error(error, endpoint: self.endpoint) {
        case .connectFailed(_, let cause):
            return Complaint("cannot connect to \(self.address): \(cause)\(cause.hasSuffix("?") ? "" : ".") \(way)", .notConnected)
        case .tlsFailed(_, let cause):
            return Complaint("the TLS handshake with \(self.address) failed: \(cause)\(Complaint.trustFlags(cause))", .notConnected)
        case .timedOut(_, let after): return Complaint("\(self.address) did not answer within \(after). \(way)", .timedOut)
        case let other: return Complaint("asking \(self.address) failed: \(other.text)", .notConnected)
        }
    }

    private static func tls(_ trust: MQTTClientConfiguration.TLS.Trust) throws(Complaint) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        switch trust {
        case .system: break
        case .anyone: configuration.certificateVerification = .none
        case .file(let path):
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(path))
            } catch {
                throw Complaint("the CA file \(path) cannot be read (\(error)); give a PEM file of certificates", .badArguments)
            }
        }
        return configuration
    }
}

/// What a door answered.
struct ServiceAnswer {
    let status: Int
    /// `x-amzn-ErrorType`.
    let error: String?
    /// `x-sundial-explanation`.
    let explanation: String?
    let body: [UInt8]

    /// `nil` when it is what was asked for.
    ///
    /// The service's message comes first, then Sundial's explanation where it adds something.
    func complaint(about what: String, at address: String) -> Complaint? {
        if (200..<300).contains(self.status) { return nil }
        if let complaint = self.faults { return complaint }
        let name = self.error.map { $0.prefix { $0 != ":" } }.map { " \($0)" } ?? ""
        let message = (try? JSONValue(parsing: self.body))?["message"]?.string ?? ""
        var text = "\(what): \(address) answered \(self.status)\(name)"
        if !message.isEmpty { text += ": \(LogLine.clean(message))" }
        if let explanation, explanation != message, !message.contains(explanation) { text += " (\(LogLine.clean(explanation)))" }
        if self.error == nil, message.isEmpty { text += "; is that Sundial?" }
        return Complaint(text, [401, 403].contains(self.status) ? .notConnected : .failed)
    }

    /// What is wrong with the scenario that was sent, a line for each fault.
    private var faults: Complaint? {
        guard let faults = (try? JSONValue(parsing: self.body))?["faults"]?.array, !faults.isEmpty else { return nil }
        let lines = faults.map { fault -> String in
            let place = "\(fault["file"]?.string ?? ""):\(fault["line"]?.int64 ?? 0):\(fault["column"]?.int64 ?? 0)"
            let cure = fault["cure"]?.string ?? ""
            return LogLine.clean("\(place): \(fault["what"]?.string ?? "")\(cure.isEmpty ? "" : "; \(cure)")")
        }
        return Complaint(lines.joined(separator: "\n"), .badArguments)
    }
}
