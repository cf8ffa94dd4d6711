const cdk = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const rds = require('aws-cdk-lib/aws-rds');
const iam = require('aws-cdk-lib/aws-iam');
const s3 = require('aws-cdk-lib/aws-s3');
const backup = require('aws-cdk-lib/aws-backup');
const lambda = require('aws-cdk-lib/aws-lambda');
const sqs = require('aws-cdk-lib/aws-sqs');

const app = new cdk.App({ outdir: 'cdk.out', analyticsReporting: false, treeMetadata: false, context: { 'aws:cdk:disable-stack-trace': true, 'availability-zones:account=222222222222:region=eu-central-1': ['eu-central-1a','eu-central-1b'], 'availability-zones:account=333333333333:region=eu-central-1': ['eu-central-1a','eu-central-1b'], 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true } });

class Network extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr('10.60.0.0/16'), maxAzs: 2, natGateways: 1, restrictDefaultSecurityGroup: false,
    });
  }
}
class Orders extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const database = new rds.DatabaseInstance(this, 'Database', {
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }),
      vpc: props.vpc, storageEncrypted: true, instanceIdentifier: 'orders-cdk',
      backupRetention: cdk.Duration.days(props.days ?? 7),
    });
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const worker = new lambda.CfnFunction(this, 'Worker', { runtime: 'python3.13', handler: 'index.handler', role: role.roleArn, code: { zipFile: 'def handler(*_): pass' } });
    const bucket = new s3.Bucket(this, 'Exports', { versioned: true, encryption: s3.BucketEncryption.KMS, blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, enforceSSL: true });
    bucket.grantRead(role);
    const queue = new sqs.Queue(this, 'Queue');
    queue.grantSendMessages(role);
    database.connections.allowFrom(ec2.Peer.ipv4(props.from ?? '10.60.0.0/16'), ec2.Port.tcp(5432));
    cdk.Tags.of(database).add('environment', 'production');
  }
}
class Copies extends cdk.NestedStack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const vault = new backup.BackupVault(this, 'Vault', { backupVaultName: 'cdk-copies', encryptionKey: props.key, lockConfiguration: { minRetention: cdk.Duration.days(7) } });
  }
}
class Backup extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const kms = require('aws-cdk-lib/aws-kms');
    const key = new kms.Key(this, 'Key');
    new Copies(this, 'Copies', { key });
  }
}
const production = { account: '222222222222', region: 'eu-central-1' };
const network = new Network(app, 'Network', { env: production });
new Orders(app, 'Orders', { env: production, vpc: network.vpc, tags: { product: 'orders' } });
new Backup(app, 'Backup', { env: { account: '444444444444', region: 'eu-central-1' } });
const stage = new cdk.Stage(app, 'Test', { env: { account: '333333333333', region: 'eu-central-1' } });
const testNetwork = new Network(stage, 'Network');
new Orders(stage, 'Orders', { vpc: testNetwork.vpc, from: '10.0.0.0/8', days: 1 });
new Network(app, 'Anywhere', {});
app.synth();
