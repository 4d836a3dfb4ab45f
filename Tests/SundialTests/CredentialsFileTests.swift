import SigV4
import Testing

@testable import sundial

/// AWS-style credentials files. DESIGN §2.
@Suite struct CredentialsFileTests {
    @Test func everySectionIsAKey() throws {
        let file = try CredentialsFile(
            parsing: """
                # mine
                [default]
                aws_access_key_id = AKID1
                aws_secret_access_key=s/e=c+ret

                [ profile staging ]
                AWS_ACCESS_KEY_ID=AKID2
                aws_secret_access_key = two
                aws_session_token = token==
                region = eu-west-1
                ; a role has no keys
                [role]
                role_arn = arn:aws:iam::1:role/x
                """, path: "f")
        #expect(file.profiles.map(\.name) == ["default", "profile staging"])
        let first = try file.credentials(named: nil, path: "f")
        #expect(first.accessKeyID == "AKID1")
        #expect(first.secretAccessKey == "s/e=c+ret")
        #expect(first.sessionToken == nil)
        #expect(try file.credentials(named: "profile staging", path: "f").sessionToken == "token==")
    }

    @Test func aByteOrderMarkAndCarriageReturnsAreNoPartOfIt() throws {
        let file = try CredentialsFile(
            parsing: "\u{FEFF}[default]\r\naws_access_key_id = A\r\naws_secret_access_key = B\r\n", path: "f")
        #expect(try file.credentials(named: nil, path: "f").secretAccessKey == "B")
    }

    @Test(arguments: [
        ("aws_access_key_id = a", "f:1:"), ("[a]\naws_access_key_id", "f:2:"), ("[a", "f:1:"),
        ("\n[a]\naws_access_key_id = x\naws_secret_acess_key = y\n", "f:2:"), ("# nothing", "no credentials"), ("", "no credentials"),
    ])
    func aFaultIsNamedWithItsLine(text: String, words: String) {
        let complaint = #expect(throws: Complaint.self) { try CredentialsFile(parsing: text, path: "f") }
        #expect(complaint?.text.contains(words) == true, "\(complaint?.text ?? "")")
        #expect(complaint?.status == .badArguments)
    }

    @Test func anUnknownSectionIsAnsweredWithThoseThereAre() throws {
        let file = try CredentialsFile(parsing: "[a]\naws_access_key_id=x\naws_secret_access_key=y\n", path: "f")
        let complaint = #expect(throws: Complaint.self) { try file.credentials(named: "b", path: "f") }
        #expect(complaint?.text == "f has no section [b]; it has a")
    }
}
