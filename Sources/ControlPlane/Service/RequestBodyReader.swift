import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

/// Reads the body of a request, up to a limit and for a while.
struct RequestBodyReader: Sendable {
    /// The service's limit on a message, and room enough for every document.
    static let service = RequestBodyReader(maximumBytes: 128 * 1024, patience: .seconds(30))

    let maximumBytes: Int
    let patience: Duration

    /// Whether a body of the length announced is read at all.
    func wouldRead(_ request: Request) -> Bool {
        request.headers[.contentLength].flatMap { Int($0) }.map { $0 <= self.maximumBytes } ?? true
    }

    /// - Throws: `contentTooLarge` before anything is read when the request says how long its body is, or as soon as the limit is passed.
    func body(of request: Request, _ context: DoorContext) async throws(ServiceError) -> [UInt8] {
        let length = request.headers[.contentLength]
        if let length {
            guard let bytes = Int(length), bytes >= 0 else { throw .invalid("Content-Length is no number: '\(length.prefix(40))'.") }
            if bytes == 0 { return [] }
            if bytes > self.maximumBytes { throw self.tooLarge("The body has \(bytes) bytes") }
        } else if request.headers[.transferEncoding] == nil {
            // Without either there is no body (RFC 9112 §6.3).
            return []
        }
        return try await self.collected(request.body, context)
    }

    private func collected(_ body: RequestBody, _ context: DoorContext) async throws(ServiceError) -> [UInt8] {
        // A timer that ends the stream, and no task that waits beside this one: two tasks for each request cost a tenth of it.
        let timer = context.loop.scheduleTask(in: TimeAmount(self.patience)) { context.interrupt(Impatience()) }
        defer { timer.cancel() }
        do {
            return Array(try await body.collect(upTo: self.maximumBytes).readableBytesView)
        } catch is Impatience {
            throw self.tooSlow
        } catch is NIOTooManyBytesError {
            throw self.tooLarge("The body is longer")
        } catch let fault as HTTPParserError {
            throw self.broken(": \(fault)")
        } catch {
            throw self.broken(", because the connection ended")
        }
    }

    /// Ends a request whose body does not come.
    private struct Impatience: Error {}

    private func tooLarge(_ what: String) -> ServiceError {
        var error = ServiceError(
            .contentTooLarge, "The payload exceeds the maximum size allowed",
            explanation: "\(what); \(self.maximumBytes) bytes are the most that is taken.")
        error.closesConnection = true
        return error
    }

    private var tooSlow: ServiceError {
        var error = ServiceError(
            .requestTimeout, "The request body did not arrive in time.",
            explanation: "The body announced had not come after \(self.patience.components.seconds) s; does Content-Length say too much?")
        error.closesConnection = true
        return error
    }

    private func broken(_ why: String) -> ServiceError {
        var error = ServiceError.invalid("The request body could not be read to its end\(why).")
        error.closesConnection = true
        return error
    }
}
