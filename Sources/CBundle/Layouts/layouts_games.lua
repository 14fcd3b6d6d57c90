-- Bundled layouts: telemetry of driving simulators. See layouts.lua for the form.

-- Assetto Corsa ends after localVelocity, Competizione has all. Wheels: front left, front right,
-- rear left, rear right.
local assetto <const> = [[
#pragma pack(push, 4)

struct SPageFilePhysics {
  int packetId;
  float gas;
  float brake;
  float fuel;
  int gear;
  int rpms;
  float steerAngle;
  float speedKmh;
  float velocity[3];
  float accG[3];
  float wheelSlip[4];
  float wheelLoad[4];
  float wheelsPressure[4];
  float wheelAngularSpeed[4];
  float tyreWear[4];
  float tyreDirtyLevel[4];
  float tyreCoreTemperature[4];
  float camberRAD[4];
  float suspensionTravel[4];
  float drs;
  float tc;
  float heading;
  float pitch;
  float roll;
  float cgHeight;
  float carDamage[5];
  int numberOfTyresOut;
  int pitLimiterOn;
  float abs;
  float kersCharge;
  float kersInput;
  int autoShifterOn;
  float rideHeight[2];
  float turboBoost;
  float ballast;
  float airDensity;
  float airTemp;
  float roadTemp;
  float localAngularVel[3];
  float finalFF;
  float performanceMeter;
  int engineBrake;
  int ersRecoveryLevel;
  int ersPowerLevel;
  int ersHeatCharging;
  int ersIsCharging;
  float kersCurrentKJ;
  int drsAvailable;
  int drsEnabled;
  float brakeTemp[4];
  float clutch;
  float tyreTempI[4];
  float tyreTempM[4];
  float tyreTempO[4];
  int isAIControlled;
  float tyreContactPoint[4][3];
  float tyreContactNormal[4][3];
  float tyreContactHeading[4][3];
  float brakeBias;
  float localVelocity[3];
  int P2PActivations;
  int P2PStatus;
  float currentMaxRpm;
  float mz[4];
  float fx[4];
  float fy[4];
  float slipRatio[4];
  float slipAngle[4];
  int tcinAction;
  int absInAction;
  float suspensionDamage[4];
  float tyreTemp[4];
  float waterTemp;
  float brakePressure[4];
  int frontBrakeCompound;
  int rearBrakeCompound;
  float padLife[4];
  float discLife[4];
  int ignitionOn;
  int starterEngineOn;
  int isEngineRunning;
  float kerbVibration;
  float slipVibrations;
  float gVibrations;
  float absVibrations;
};

#pragma pack(pop)
]]

-- The plugin raises mVersionUpdateBegin, writes, and raises mVersionUpdateEnd: who finds them
-- equal before and after has read one frame.
local rfactor <const> = [[
#include <stdbool.h>
#include <stdint.h>

#pragma pack(push, 4)

typedef struct { double x, y, z; } rF2Vec3;

typedef struct {
  double mSuspensionDeflection;
  double mRideHeight;
  double mSuspForce;
  double mBrakeTemp;
  double mBrakePressure;
  double mRotation;
  double mLateralPatchVel;
  double mLongitudinalPatchVel;
  double mLateralGroundVel;
  double mLongitudinalGroundVel;
  double mCamber;
  double mLateralForce;
  double mLongitudinalForce;
  double mTireLoad;
  double mGripFract;
  double mPressure;
  double mTemperature[3];
  double mWear;
  char mTerrainName[16];
  unsigned char mSurfaceType;
  bool mFlat;
  bool mDetached;
  unsigned char mStaticUndeflectedRadius;
  double mVerticalTireDeflection;
  double mWheelYLocation;
  double mToe;
  double mTireCarcassTemperature;
  double mTireInnerLayerTemperature[3];
  unsigned char mExpansion[24];
} rF2Wheel;

typedef struct {
  int32_t mID;
  double mDeltaTime;
  double mElapsedTime;
  int32_t mLapNumber;
  double mLapStartET;
  char mVehicleName[64];
  char mTrackName[64];
  rF2Vec3 mPos;
  rF2Vec3 mLocalVel;
  rF2Vec3 mLocalAccel;
  rF2Vec3 mOri[3];
  rF2Vec3 mLocalRot;
  rF2Vec3 mLocalRotAccel;
  int32_t mGear;
  double mEngineRPM;
  double mEngineWaterTemp;
  double mEngineOilTemp;
  double mClutchRPM;
  double mUnfilteredThrottle;
  double mUnfilteredBrake;
  double mUnfilteredSteering;
  double mUnfilteredClutch;
  double mFilteredThrottle;
  double mFilteredBrake;
  double mFilteredSteering;
  double mFilteredClutch;
  double mSteeringShaftTorque;
  double mFront3rdDeflection;
  double mRear3rdDeflection;
  double mFrontWingHeight;
  double mFrontRideHeight;
  double mRearRideHeight;
  double mDrag;
  double mFrontDownforce;
  double mRearDownforce;
  double mFuel;
  double mEngineMaxRPM;
  unsigned char mScheduledStops;
  bool mOverheating;
  bool mDetached;
  bool mHeadlights;
  unsigned char mDentSeverity[8];
  double mLastImpactET;
  double mLastImpactMagnitude;
  rF2Vec3 mLastImpactPos;
  double mEngineTorque;
  int32_t mCurrentSector;
  unsigned char mSpeedLimiter;
  unsigned char mMaxGears;
  unsigned char mFrontTireCompoundIndex;
  unsigned char mRearTireCompoundIndex;
  double mFuelCapacity;
  unsigned char mFrontFlapActivated;
  unsigned char mRearFlapActivated;
  unsigned char mRearFlapLegalStatus;
  unsigned char mIgnitionStarter;
  char mFrontTireCompoundName[18];
  char mRearTireCompoundName[18];
  unsigned char mSpeedLimiterAvailable;
  unsigned char mAntiStallActivated;
  unsigned char mUnused[2];
  float mVisualSteeringWheelRange;
  double mRearBrakeBias;
  double mTurboBoostPressure;
  float mPhysicsToGraphicsOffset[3];
  float mPhysicalSteeringWheelRange;
  unsigned char mExpansion[152];
  rF2Wheel mWheels[4];
} rF2VehicleTelemetry;

struct rF2Telemetry {
  uint32_t mVersionUpdateBegin;
  uint32_t mVersionUpdateEnd;
  int32_t mBytesUpdatedHint;
  int32_t mNumVehicles;
  rF2VehicleTelemetry mVehicles[128];
};

#pragma pack(pop)
]]

-- A row of values is complete before its tick is raised; the highest tick is the newest row.
local iracing <const> = [[
#include <stdbool.h>

#define IRSDK_VER 2
#define irsdk_stConnected 1
#define IRSDK_MAX_BUFS 4
#define IRSDK_MAX_STRING 32
#define IRSDK_MAX_DESC 64

enum irsdk_VarType {
  irsdk_char,
  irsdk_bool,
  irsdk_int,
  irsdk_bitField,
  irsdk_float,
  irsdk_double
};

struct irsdk_varBuf {
  int tickCount;
  int bufOffset;
  int pad[2];
};

struct irsdk_header {
  int ver;
  int status;
  int tickRate;
  int sessionInfoUpdate;
  int sessionInfoLen;
  int sessionInfoOffset;
  int numVars;
  int varHeaderOffset;
  int numBuf;
  int bufLen;
  int pad1[2];
  struct irsdk_varBuf varBuf[IRSDK_MAX_BUFS];
};

struct irsdk_varHeader {
  int type;
  int offset;
  int count;
  bool countAsTime;
  char pad[3];
  char name[IRSDK_MAX_STRING];
  char desc[IRSDK_MAX_DESC];
  char unit[IRSDK_MAX_STRING];
};
]]

return {
  { "assetto_corsa_physics", "Assetto Corsa and Competizione: the car, at each step of the physics",
    abi = "windows", type = "SPageFilePhysics", object = "acpmf_physics", text = assetto },
  { "rf2_telemetry", "rFactor 2 and Le Mans Ultimate: all cars, between two version words",
    abi = "windows", type = "rF2Telemetry", object = "$rFactor2SMMP_Telemetry$", text = rfactor },
  { "rf2_vehicle", "rFactor 2: one car of rf2_telemetry",
    abi = "windows", type = "rF2VehicleTelemetry", text = rfactor },
  { "iracing", [[iRacing: the header, with four rows in turn; event Local\IRSDKDataValidEvent]],
    abi = "windows", type = "irsdk_header", object = [[Local\IRSDKMemMapFileName]],
    text = iracing },
  { "iracing_variable", "iRacing: one value of each row",
    abi = "windows", type = "irsdk_varHeader", text = iracing },
}
