package models

// Permissions is the one table of who may do what. The gate reads it for the coarse
// check, rules and lists for the object; a test compares it with x-roles in the contract,
// and another walks every cell over HTTP.
var Permissions = map[Operation]reaches{
	OpGetMe:                everyone(Self),
	OpListMySessions:       everyone(Self),
	OpDeleteMySessions:     everyone(Self),
	OpDeleteMySession:      everyone(Self),
	OpPutPushAddress:       everyPerson(Self),
	OpGetMyWeChat:          everyPerson(Self),
	OpPutMyWeChat:          everyPerson(Self),
	OpDeleteMyWeChat:       everyPerson(Self),
	OpCreateWeChatConsents: everyPerson(Self),
	OpDeletePushAddress:    everyPerson(Self),
	OpGetAlertSettings:     everyPerson(Self),
	OpPutAlertSettings:     everyPerson(Self),
	OpListMyInbox:          everyPerson(Self),
	OpGetStream:            everyPerson(Self),
	OpGetStreamSocket:      everyPerson(Self),

	OpCreateCheckIns: patrollers(Station),
	OpListCheckIns: patrollers(Self).and(reaches{
		RoleCommander: Within, RoleOfficer: Self | Within,
	}),
	OpCreateTracks:      patrollers(Self),
	OpListTracks:        everyPerson(Self).and(reaches{RoleCommander: Self | Within}), // of police, only who commands
	OpListMyTrackers:    everyPerson(Self),
	OpCreateMyTracker:   patrollers(Self),
	OpDeleteMyTracker:   everyPerson(Self),
	OpListCheckpoints:   patrollers(Station).and(reaches{RoleCommander: Station, RoleAdmin: Station}),
	OpCreateCheckpoint:  {RoleCommander: Within, RoleOfficer: Within},
	OpGetCheckpointSign: {RoleCommander: Within, RoleOfficer: Within},

	OpGetRotatingSecret:   {RoleCommander: Within, RoleOfficer: Within, RoleGuard: Within}, // whoever may run the screen
	OpRenewRotatingSecret: {RoleCommander: Within, RoleOfficer: Within},
	OpListCheckInReviews:  {RoleCommander: Within, RoleOfficer: Within},
	OpCreateCorrection:    {RoleCommander: Within, RoleOfficer: Within},
	OpListCorrections:     {RoleCommander: Within, RoleOfficer: Within},
	OpDecideCorrection:    {RoleCommander: Within, RoleOfficer: Within},

	OpListRoutes:  patrollers(Station).and(reaches{RoleCommander: Station, RoleAdmin: Station}),
	OpCreateRoute: {RoleCommander: Within},

	OpListRounds:       patrollers(Self).and(reaches{RoleCommander: Within, RoleOfficer: Self | Within}),
	OpGetRound:         patrollers(Self).and(reaches{RoleCommander: Within, RoleOfficer: Self | Within}),
	OpCreateRound:      patrollers(Station),
	OpStartRound:       leaders(Self),
	OpFinishRound:      patrollers(Self).and(reaches{RoleCommander: Within}),
	OpCreateRoundSkip:  patrollers(Self),
	OpJoinRound:        patrollers(Station),
	OpLeaveRound:       patrollers(Self),
	OpConfirmMember:    patrollers(Self),
	OpCreateRoundGuest: patrollers(Self),
	// The plan of patrol is the commander's; who is in a squad sees its part.
	OpCreateSquad:      {RoleCommander: Within},
	OpListSquads:       patrollers(Self).and(reaches{RoleCommander: Station, RoleOfficer: Station}),
	OpGetSquad:         patrollers(Self).and(reaches{RoleCommander: Station, RoleOfficer: Station}),
	OpUpdateSquad:      {RoleCommander: Within},
	OpEndSquad:         {RoleCommander: Within},
	OpCreateShift:      {RoleCommander: Within},
	OpListShifts:       patrollers(Self).and(reaches{RoleCommander: Station, RoleOfficer: Station}),
	OpGetShift:         patrollers(Self).and(reaches{RoleCommander: Station, RoleOfficer: Station}),
	OpUpdateShift:      {RoleCommander: Within},
	OpEndShift:         {RoleCommander: Within},
	OpListOccurrences:  patrollers(Self).and(reaches{RoleCommander: Station, RoleOfficer: Station}),
	OpGetSync:          patrollers(Station),
	OpCreateStreetPost: {RoleCommander: Within},
	OpListStreetPosts:  patrollers(Station).and(reaches{RoleCommander: Station, RoleAdmin: Station}),
	OpUpdateStreetPost: {RoleCommander: Within},
	OpEndStreetPost:    {RoleCommander: Within},
	OpCreateRoundPlan:  {RoleCommander: Within},
	OpListRoundPlans:   patrollers(Self).and(reaches{RoleCommander: Station, RoleOfficer: Station}),
	OpGetRoundPlan:     patrollers(Self).and(reaches{RoleCommander: Station, RoleOfficer: Station}),
	OpEndRoundPlan:     {RoleCommander: Within},

	// What is wrong about patrol is for police, and for who leads the squad.
	OpListWatchConcerns: patrollers(Self).and(reaches{RoleCommander: Station, RoleOfficer: Station}),

	// Cover is the station's: its police see the whole of it, and it names nobody.
	OpGetCoverage:      {RoleCommander: Station, RoleOfficer: Station},
	OpListCoverageGaps: {RoleCommander: Station, RoleOfficer: Station},
	OpListUnseen:       {RoleCommander: Station, RoleOfficer: Station},
	OpListStopShares:   {RoleCommander: Station, RoleOfficer: Station},

	OpCreateMedia:      everyPerson(Self),
	OpGetMedia:         everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpGetMediaOriginal: {RoleCommander: Within, RoleOfficer: Within},
	OpCreateUpload:     everyPerson(Self),
	OpHeadUpload:       everyPerson(Self),
	OpPatchUpload:      everyPerson(Self),
	OpDeleteUpload:     everyPerson(Self),
	OpFinishUpload:     everyPerson(Self),
	OpCreateTip:        everyPerson(Self),
	OpListTips:         everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpGetTip:           everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpCreateTransition: {RoleCommander: Within, RoleOfficer: Within},
	OpListTipsNearby:   everyPerson(Self), // roughly how many are like the caller's own, in their station
	// Categories are read by whoever wants to send a tip.
	OpPutTipCategory:    {RoleCommander: Within},
	OpDeleteTipCategory: {RoleCommander: Within},

	OpListOpen311Keys:  {RoleCommander: Station},
	OpCreateOpen311Key: {RoleCommander: Station},
	OpDeleteOpen311Key: {RoleCommander: Station},
	OpWithdrawTip:      everyPerson(Self),
	OpReopenTip:        everyPerson(Self),
	OpReopenReceiptTip: {RoleReporter: Self},
	OpAssignTip:        {RoleCommander: Within, RoleOfficer: Within},
	OpListTipHelpers:   {RoleCommander: Within, RoleOfficer: Within},
	OpGetTipCall:       everyPerson(Self), // whoever was asked to help
	OpAnswerTipCall:    everyPerson(Self),
	OpPutDeputy:        {RoleCommander: Station},
	OpGetTipSettings:   {RoleCommander: Station, RoleOfficer: Station},
	OpPutTipSettings:   {RoleCommander: Within},
	OpPutRouteOfficer:  {RoleCommander: Within},
	OpMergeTip:         {RoleCommander: Within, RoleOfficer: Within},
	OpListTipMerges:    {RoleCommander: Within, RoleOfficer: Within},

	// A tip's conversation: its reporter, and the police in whose scope it is. Notes are for police (Tip.MayNote).
	OpCreateTipMessage:  everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpListTipMessages:   everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpReadTipMessages:   everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpCreateTipNote:     {RoleCommander: Within, RoleOfficer: Within},
	OpListTipNotes:      {RoleCommander: Within, RoleOfficer: Within},
	OpListQuickAnswers:  {RoleCommander: Station, RoleOfficer: Station},
	OpPutQuickAnswer:    {RoleCommander: Within},
	OpDeleteQuickAnswer: {RoleCommander: Within},

	// Who hid themselves is opened by two.
	OpCreateIdentityOpening:   {RoleCommander: Within, RoleOfficer: Within},
	OpApproveIdentityOpening:  {RoleCommander: Within, RoleOfficer: Within},
	OpGetTipIdentity:          {RoleCommander: Within, RoleOfficer: Within},
	OpPutHiddenPushAddress:    everyPerson(Self), // of whatever they reported hidden, if anything
	OpDeleteHiddenPushAddress: everyPerson(Self),
	// Whoever holds a receipt reaches its tip, and nothing else of anybody's.
	OpGetReceiptTip:            {RoleReporter: Self},
	OpPutReceiptPushAddress:    {RoleReporter: Self},
	OpDeleteReceiptPushAddress: {RoleReporter: Self},
	OpCreateReceiptMessage:     {RoleReporter: Self},
	OpListReceiptMessages:      {RoleReporter: Self},
	OpReadReceiptMessages:      {RoleReporter: Self},
	OpListReceiptRewards:       {RoleReporter: Self},
	OpCreateReceiptClaimCode:   {RoleReporter: Self},
	OpCreateReceiptRewardClaim: {RoleReporter: Self},
	OpCreateReceiptUpload:      {RoleReporter: Self},
	OpHeadReceiptUpload:        {RoleReporter: Self},
	OpPatchReceiptUpload:       {RoleReporter: Self},
	OpDeleteReceiptUpload:      {RoleReporter: Self},
	OpFinishReceiptUpload:      {RoleReporter: Self},
	OpCreateReceiptWithdrawal:  {RoleReporter: Self},

	// Whoever calls for help may be anybody; who was asked may answer, whatever their role (models.SOS.MayTake).
	OpCreateSOS:          everyPerson(Self),
	OpListSOS:            everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpGetSOS:             everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpCreateSOSPositions: everyPerson(Self),
	OpCreateSOSResponse:  everyPerson(Self).and(reaches{RoleCommander: Within, RoleOfficer: Within}),
	OpAcknowledgeSOS:     everyPerson(Self).and(reaches{RoleCommander: Within, RoleOfficer: Within}),
	OpResolveSOS:         everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpCreateWelfareTimer: everyPerson(Self),
	OpAnswerWelfareTimer: everyPerson(Self),
	OpEndWelfareTimer:    everyPerson(Self),
	OpListWelfareTimers:  everyPerson(Self).and(reaches{RoleCommander: Self | Within}),

	OpCreateFindings: patrollers(Station),
	OpListFindings:   patrollers(Self).and(reaches{RoleCommander: Within, RoleOfficer: Self | Within}),
	OpGetFinding:     patrollers(Self).and(reaches{RoleCommander: Within, RoleOfficer: Self | Within}),
	OpMoveFinding:    {RoleCommander: Within, RoleOfficer: Within},
	OpGetMonthReport: {RoleCommander: Within},

	// Thanks. Of points and rewards the people concerned see their own; a claim code is good in its reporter's hands, and
	// at the desk (models.Reward.MayBeClaimedBy).
	OpGetPointRules:      everyPerson(Station),
	OpPutPointRules:      {RoleCommander: Within},
	OpGetMyPoints:        everyPerson(Self),
	OpGetPersonPoints:    {RoleCommander: Within, RoleOfficer: Within},
	OpCreateCommendation: {RoleCommander: Within, RoleOfficer: Within},
	OpListCommendations:  everyPerson(Self).and(reaches{RoleCommander: Self | Station, RoleOfficer: Self | Station}),
	OpYearlyCommended:    {RoleCommander: Station, RoleOfficer: Station},
	OpDecideCommendation: {RoleCommander: Within},
	OpRevokeCommendation: {RoleCommander: Within},
	OpGetCertificate:     everyPerson(Self).and(reaches{RoleCommander: Self | Station, RoleOfficer: Self | Station}),
	OpCreateRewards:      {RoleCommander: Within, RoleOfficer: Within},
	OpListRewards:        everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpDecideReward:       {RoleCommander: Within, RoleOfficer: Within},
	OpCreateClaimCode:    everyPerson(Self),
	OpCreateRewardClaim:  everyPerson(Self).and(reaches{RoleCommander: Self | Station, RoleOfficer: Self | Station}),
	OpPayReward:          {RoleCommander: Within, RoleOfficer: Within},
	OpCancelReward:       {RoleCommander: Within, RoleOfficer: Within},

	// A vehicle is its owner's, and who lives with them may use one that is shared (Vehicle.May). The gate sees what it needs.
	OpCreateVehicle:     {RoleResident: Within},
	OpListVehicles:      {RoleResident: Self | Within, RoleProperty: Within, RoleGuard: Within, RoleOfficer: Within},
	OpGetVehicle:        {RoleResident: Self | Within, RoleProperty: Within, RoleGuard: Within, RoleOfficer: Within},
	OpConfirmVehicle:    {RoleProperty: Within, RoleOfficer: Within},
	OpUpdateVehicle:     {RoleResident: Self},
	OpDeleteVehicle:     {RoleResident: Self},
	OpLockVehicle:       {RoleResident: Self | Within},
	OpUnlockVehicle:     {RoleResident: Self | Within},
	OpCreateReleaseWord: {RoleResident: Self | Within},
	// Whose vehicle came and went is for its owner, and for who decides at the gate. A barrier sees its own arrivals.
	OpCreatePlateRead: {RoleDevice: Self},
	OpCreateOffline:   {RoleDevice: Self},
	OpGetPlateList:    {RoleDevice: Self},
	OpGetAllowList:    {RoleDevice: Self},
	OpListArrivals:    {RoleResident: Self, RoleGuard: Within, RoleCommander: Within},
	OpGetArrival:      {RoleResident: Self, RoleGuard: Within, RoleCommander: Within, RoleDevice: Self},
	OpAdmitArrival:    {RoleGuard: Within},
	OpReleaseArrival:  {RoleGuard: Within},
	OpOverrideArrival: {RoleCommander: Within},

	// A compound's security group is of those who hold these roles over the whole compound. A commander sees all groups and is
	// in none, so that nobody waits for a commander's acknowledgement.
	OpListGroups:         {RoleOfficer: Within, RoleProperty: Within, RoleCommittee: Within, RoleCommander: Within},
	OpGetGroup:           {RoleOfficer: Within, RoleProperty: Within, RoleCommittee: Within, RoleCommander: Within},
	OpReadGroup:          {RoleOfficer: Within, RoleProperty: Within, RoleCommittee: Within, RoleCommander: Within},
	OpCreateGroupMessage: {RoleOfficer: Within, RoleProperty: Within, RoleCommittee: Within, RoleCommander: Within},
	OpListGroupMessages:  {RoleOfficer: Within, RoleProperty: Within, RoleCommittee: Within, RoleCommander: Within},
	OpDeleteGroupMessage: {RoleOfficer: Within, RoleProperty: Within, RoleCommittee: Within, RoleCommander: Within},
	OpHideGroupMessage:   {RoleCommander: Within},
	OpAckGroupMessage:    {RoleOfficer: Within, RoleProperty: Within, RoleCommittee: Within},
	OpListGroupAcks:      {RoleOfficer: Within, RoleCommander: Within},
	OpExportGroup:        {RoleCommander: Within},
	OpGetGroupSettings:   {RoleOfficer: Station, RoleProperty: Station, RoleCommittee: Station, RoleCommander: Station},
	OpPutGroupSettings:   {RoleCommander: Within},
	// A terminal's lead is for the duty desk (AtConcernDesk); how often such leads were wrong is for all who serve at the station.
	OpCreateConcernSource:   {RoleCommander: Within, RoleOfficer: Within},
	OpListConcernSources:    {RoleCommander: Within, RoleOfficer: Within},
	OpApproveConcernSource:  {RoleCommander: Within, RoleOfficer: Within},
	OpRevokeConcernSource:   {RoleCommander: Within, RoleOfficer: Within},
	OpCreateConcernReport:   {RoleDevice: Self},
	OpListConcernReports:    {RoleCommander: Within, RoleOfficer: Within},
	OpGetConcernReport:      {RoleCommander: Within, RoleOfficer: Within},
	OpDecideConcernReport:   {RoleCommander: Within, RoleOfficer: Within},
	OpDispatchConcernReport: {RoleCommander: Within, RoleOfficer: Within},
	OpGetConcernStatistics: patrollers(Station).and(reaches{
		RoleCommander: Station, RoleAdmin: Station, RoleProperty: Station, RoleCommittee: Station,
	}),

	// Who asks for a repair sees it through; those who mend in the compound see all of it, and others its figures.
	OpCreateRepair:     everyPerson(Self),
	OpListRepairs:      everyPerson(Self).and(reaches{RoleProperty: Self | Within}),
	OpGetRepair:        everyPerson(Self).and(reaches{RoleProperty: Self | Within}),
	OpAssignRepair:     {RoleProperty: Within},
	OpMoveRepair:       {RoleProperty: Within},
	OpCancelRepair:     everyPerson(Self).and(reaches{RoleProperty: Self | Within}),
	OpRateRepair:       everyPerson(Self),
	OpReopenRepair:     everyPerson(Self),
	OpHandOverRepairs:  {RoleProperty: Within},
	OpGetRepairFigures: {RoleProperty: Within, RoleCommittee: Within, RoleOfficer: Within, RoleCommander: Within},

	OpCreateVisitorPass: {RoleResident: Within, RoleProperty: Within},
	OpListVisitorPasses: {RoleResident: Self, RoleProperty: Within},
	OpGetVisitorPass:    {RoleResident: Self, RoleProperty: Within},
	OpUpdateVisitorPass: {RoleResident: Self, RoleProperty: Within},
	OpRevokeVisitorPass: {RoleResident: Self, RoleProperty: Within},

	// A ring is the home's; the guard has it while it is forwarded to them (Call.For), and police have nothing of it.
	OpCreateCall:          {RoleDevice: Self},
	OpListCalls:           {RoleResident: Within, RoleGuard: Within},
	OpGetCall:             {RoleResident: Within, RoleGuard: Within, RoleDevice: Self},
	OpAnswerCall:          {RoleResident: Within, RoleGuard: Within},
	OpOpenCall:            {RoleResident: Within, RoleGuard: Within},
	OpRefuseCall:          {RoleResident: Within, RoleGuard: Within},
	OpHangUpCall:          {RoleDevice: Self},
	OpCreateCallPhoto:     {RoleDevice: Self},
	OpListDoorDirectory:   {RoleDevice: Self},
	OpListMyCallConsents:  everyPerson(Self),
	OpPutCallConsent:      {RoleResident: Within},
	OpWithdrawCallConsent: everyPerson(Self), // also after one has moved out
	OpGetCallSettings:     {RoleResident: Within},
	OpPutCallSettings:     {RoleResident: Within},

	// Whose face is enrolled only they see, and of a child the guardian who consented; police see nothing of it. Property sees
	// numbers, and the administrator which terminal owes an answer.
	OpGetFaceConsentText:   everyPerson(Self),
	OpListMyFaceConsents:   everyPerson(Self),
	OpCreateFaceConsent:    {RoleResident: Within},
	OpWithdrawFaceConsent:  everyPerson(Self), // also after one has moved out
	OpListMyFaceEnrolments: everyPerson(Self),
	OpCreateFaceEnrolment:  {RoleResident: OnWay},
	OpListEnrolmentOrders:  {RoleDevice: Self},
	OpConfirmEnrolment:     {RoleDevice: Self},
	OpListFaceOrders:       {RoleAdmin: Within},
	OpConfirmWiping:        {RoleAdmin: Within},
	OpGetFaceFigures:       {RoleProperty: Within},
	OpPutDoorWays:          administrators(),

	OpCreateCodeEntry: {RoleDevice: Self, RoleGuard: Within},
	OpListDoors: {
		RoleResident: OnWay, RoleGuard: Within, RoleProperty: Within, RoleOfficer: Within,
		RoleCommander: Within, RoleAdmin: Within, RoleDevice: Self,
	},
	OpCreateDoor: administrators(),
	OpOpenDoor:   {RoleResident: OnWay, RoleGuard: Within, RoleProperty: Within, RoleOfficer: Within},
	OpGetDoorCommand: {
		RoleResident: Self, RoleGuard: Self, RoleProperty: Self, RoleOfficer: Self, RoleCommander: Within,
	},
	OpListAccessEvents: {
		RoleResident: Self, RoleGuard: Within, RoleProperty: Within, RoleOfficer: Within, RoleCommander: Within,
	},

	// How a door stands is for those who look after it; whoever lives there learns of no comings and goings.
	OpTellDeviceEvents: {RoleDevice: Self},
	OpGetDoorState:     {RoleGuard: Within, RoleProperty: Within, RoleOfficer: Within, RoleCommander: Within},
	OpListDoorEvents:   {RoleGuard: Within, RoleProperty: Within, RoleOfficer: Within, RoleCommander: Within},
	OpPutDoorAlarms:    {RoleProperty: Within, RoleAdmin: Within, RoleCommander: Within},

	OpCreateAlert:      {RoleCommander: Within, RoleOfficer: Within},
	OpPreviewAudience:  {RoleCommander: Within, RoleOfficer: Within},
	OpListAlerts:       everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpListDeliveries:   {RoleCommander: Within, RoleOfficer: Within},
	OpDeliveryReceipts: everyPerson(Self),
	OpGetLadders:       {RoleCommander: Station, RoleOfficer: Station},
	OpPutLadders:       {RoleCommander: Within},

	// The station's own systems that are told of alerts.
	OpListAlertWebhooks: {RoleAdmin: Station, RoleCommander: Station},
	OpCreateWebhook:     {RoleAdmin: Station, RoleCommander: Station},
	OpDeleteWebhook:     {RoleAdmin: Station, RoleCommander: Station},
	OpRotateWebhook:     {RoleAdmin: Station, RoleCommander: Station},
	OpTestWebhook:       {RoleAdmin: Station, RoleCommander: Station},

	OpPreviewLadder:    {RoleCommander: Within},
	OpCancelAlert:      {RoleCommander: Within, RoleOfficer: Within},
	OpGetAlert:         everyPerson(Self).and(reaches{RoleCommander: Self | Within, RoleOfficer: Self | Within}),
	OpAcknowledgeAlert: everyPerson(Self),

	OpListPeople:     administrators(),
	OpCreatePerson:   administrators(),
	OpGetPerson:      administrators(),
	OpUpdatePerson:   administrators(),
	OpListRoles:      administrators(),
	OpCreateRole:     administrators(),
	OpUpdateRole:     administrators(),
	OpListCompounds:  administrators(),
	OpCreateCompound: administrators(),
	OpUpdateCompound: administrators(),
	OpListHomes:      administrators(),
	OpCreateHome:     administrators(),
	OpUpdateHome:     administrators(),
	OpListDevices:    administrators(),
	OpCreateDevice:   administrators(),
	OpUpdateDevice:   administrators(),

	// Whoever is told that a device is silent sees how it is; a device speaks for itself.
	OpGetDevice:       administrators().and(reaches{RoleProperty: Within}),
	OpDeviceClaimCode: administrators(),
	OpRotateSecret:    administrators().and(reaches{RoleDevice: Self}),
	OpPutDeviceHealth: {RoleDevice: Self},

	OpListAuditEntries: {RoleCommander: Within},
}

func everyPerson(reach Reach) reaches {
	row := reaches{}
	for _, role := range PersonRoles {
		row[role] = reach
	}
	return row
}

func everyone(reach Reach) reaches { //nolint:unparam // the table says which reach it is
	return everyPerson(reach).and(reaches{RoleDevice: reach})
}

func patrollers(reach Reach) reaches {
	return reaches{
		RoleOfficer: reach, RoleAuxiliary: reach, RoleGridWorker: reach,
		RoleActivist: reach, RoleGuard: reach, RoleVolunteer: reach,
	}
}

// leaders are the patrollers who lead; see Role.Leads.
func leaders(reach Reach) reaches {
	return reaches{RoleOfficer: reach, RoleAuxiliary: reach, RoleGridWorker: reach, RoleActivist: reach}
}

func administrators() reaches {
	return reaches{RoleAdmin: Within, RoleCommander: Within}
}

// and replaces or adds cells.
func (r reaches) and(more reaches) reaches {
	for role, reach := range more {
		r[role] = reach
	}
	return r
}
