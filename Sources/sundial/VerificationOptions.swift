import ArgumentParser
import SigV4

/// The flags of `serve` that say which signatures are good.
struct VerificationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("AWS-style file of the keys that may sign, instead of test/test.", valueName: "file"))
    var credentials: String?

    @Option(help: ArgumentHelp("The region every signature must name; without this, any.", valueName: "name"))
    var region: String?

    @Option(
        help: ArgumentHelp(
            "How signatures are judged: aws (as the service does), spec (X-Amz-Expires counts), lenient (accepts more, logs what AWS would have said) or off.",
            valueName: "policy"))
    var verify = VerificationPolicy.aws

    @Option(help: ArgumentHelp("Whether the signed host must have the port exactly as sent: either or exact.", valueName: "rule"))
    var hostPort = HostPort.either

    /// All keys, and the one that the start-up lines sign with.
    func readKeys() throws(Complaint) -> (all: [Credentials], shown: Credentials) {
        guard let credentials else { return ([.local], .local) }
        let file = try CredentialsFile(reading: credentials)
        return (file.profiles.map(\.credentials), try file.credentials(named: nil, path: credentials))
    }
}

extension VerificationPolicy: ExpressibleByArgument {}
extension HostPort: ExpressibleByArgument {}
