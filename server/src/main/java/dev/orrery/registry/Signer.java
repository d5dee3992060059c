package dev.orrery.registry;

import dev.orrery.base.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Signs manifests by Ed25519, with a key that is made at its first use and only the server's user
/// may read.
final class Signer {
  private static final String FILE = "manifest.key";

  private final Path folder;
  private @Nullable KeyPair pair;

  /// @param folder of the keys
  Signer(Path folder) {
    this.folder = folder;
  }

  private synchronized KeyPair pair() {
    KeyPair known = pair;
    if (known == null) {
      known = parsed(KeyFile.readOrMake(folder, FILE, Signer::fresh));
      pair = known;
    }
    return known;
  }

  /// Both halves, each in a line of base64: private (PKCS #8), then public (X.509).
  private static byte[] fresh() {
    try {
      KeyPair made = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      Base64.Encoder encoder = Base64.getEncoder();
      String text =
          encoder.encodeToString(made.getPrivate().getEncoded())
              + "\n"
              + encoder.encodeToString(made.getPublic().getEncoded())
              + "\n";
      return text.getBytes(StandardCharsets.US_ASCII);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has Ed25519", e);
    }
  }

  private KeyPair parsed(byte[] content) {
    try {
      String[] lines = new String(content, StandardCharsets.US_ASCII).strip().split("\\s+");
      if (lines.length != 2) throw new GeneralSecurityException("it does not hold two keys");
      KeyFactory keys = KeyFactory.getInstance("Ed25519");
      Base64.Decoder decoder = Base64.getDecoder();
      PrivateKey own = keys.generatePrivate(new PKCS8EncodedKeySpec(decoder.decode(lines[0])));
      return new KeyPair(publicKey(lines[1]), own);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw KeyFile.unreadable(folder.resolve(FILE), String.valueOf(e.getMessage())).because(e);
    }
  }

  private static PublicKey publicKey(String base64) throws GeneralSecurityException {
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  /// The public key in base64 (X.509).
  String publicKey() {
    return Base64.getEncoder().encodeToString(pair().getPublic().getEncoded());
  }

  /// Names the key among others.
  String keyId() {
    return Digest.of(pair().getPublic().getEncoded()).brief();
  }

  String sign(byte[] content) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(pair().getPrivate());
      signature.update(content);
      return Base64.getEncoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Ed25519 refuses to sign", e);
    }
  }

  boolean isSigned(byte[] content, String signature) {
    try {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(pair().getPublic());
      verifier.update(content);
      return verifier.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      return false;
    }
  }
}
