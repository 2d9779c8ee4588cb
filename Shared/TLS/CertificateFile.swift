import COpenSSL

/// What a certificate in a file says, for who has to know before anybody connects.
public enum CertificateFile {
    /// Whether the first certificate of a PEM file is for a host of this name or address (RFC 6125).
    /// Throws for a file that holds none.
    public static func isFor(_ host: String, in file: String) throws(TLSError) -> Bool {
        ERR_clear_error()
        guard let bio = BIO_new_file(file, "r") else { throw .unreadable(file, "certificate") }
        defer { BIO_free(bio) }
        guard let certificate = PEM_read_bio_X509(bio, nil, nil, nil) else {
            throw .unreadable(file, "certificate")
        }
        defer { X509_free(certificate) }
        // What is no address is none to OpenSSL either: -2.
        return X509_check_ip_asc(certificate, host, 0) == 1
            || X509_check_host(certificate, host, host.utf8.count, 0, nil) == 1
    }
}
