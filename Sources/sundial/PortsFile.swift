import Broker
import Glibc
import JSON

/// The file that tells other programs where the doors are.
struct PortsFile {
    let path: String

    /// - Parameter authorityPath: the CA certificate to trust; `nil` without a TLS door.
    func write(_ addresses: [Broker.Address], authorityPath: String?) throws(Complaint) {
        var object = JSONObject()
        for address in addresses {
            object[address.name] = .object(["host": .string(Self.reachable(address.host)), "port": .init(Int64(address.port))])
        }
        if let authorityPath { object["ca"] = .string(authorityPath) }
        object["pid"] = .init(Int64(getpid()))
        try TextFile.replace(self.path, with: JSONValue.object(object).text + "\n", purpose: "ports file")
    }

    /// Takes away a file left by a process that was killed, so that nobody reads its ports; says early if it cannot be written.
    func clear() throws(Complaint) {
        guard case .file(let file, _) = TextFile.Place(of: self.path) else { return }
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
        guard access(folder, W_OK) == 0, unlink(file) == 0 || errno == ENOENT else {
            throw Complaint(
                "cannot replace the ports file \(self.path): \(String(cString: strerror(errno))); check the path", .badArguments)
        }
    }

    /// Takes the file away at a clean exit, unless another process has written it since.
    func remove() {
        guard case .file(let file, _) = TextFile.Place(of: self.path), let object = try? Self.read(file),
            object["pid"]?.int64 == Int64(getpid())
        else { return }
        unlink(file)
    }

    /// The port and CA that a running Sundial wrote.
    static func door(_ name: String, in path: String) throws(Complaint) -> (host: String, port: Int) {
        let object = try Self.read(path)
        guard let door = object[name], let host = door["host"]?.string, let port = door["port"]?.int64.flatMap({ Int(exactly: $0) }) else {
            throw Complaint("the ports file \(path) names no \(name) door; start `sundial serve` with that door open", .badArguments)
        }
        return (host, port)
    }

    /// The CA in a ports file; `nil` when it names none.
    static func authorityPath(in path: String) throws(Complaint) -> String? {
        try Self.read(path)["ca"]?.string
    }

    private static func read(_ path: String) throws(Complaint) -> JSONValue {
        let text = try TextFile.read(path, purpose: "ports file")
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw Complaint("the ports file \(path) is not JSON (\(error.text)); `sundial serve --ports-file` writes one", .badArguments)
        }
    }

    /// An address to connect to, for one that means "any".
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }
}
