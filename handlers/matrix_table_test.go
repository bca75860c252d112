//nolint:dupword // the table repeats its words
package handlers_test

// matrix declares what every role gets for every object, from the domain and not from the code.
//
// Columns: own, same compound other home, other compound, other station, missing. Every role is held in
// compound One (commander and administrator hold the whole station A; the resident lives in home 101, the
// device controls that home's unit door).
//
//	ok    it is done, or shown          in   it stands in the list
//	404   foreign and missing alike     -    it does not
//	422   a place or thing named in the body that does not exist for the caller
//	~     there is no such object for the operation
//
// Who is not named gets 403 in every column; without a token everybody gets 401. A row of "public" needs no token.
// Words in brackets tell several objects of one operation apart.
var matrix = map[string]cells{
	"createToken":   public("ok ~ ~ ~ ~"),
	"createSmsCode": public("ok ~ ~ ~ ~"),
	"revokeToken":   public("ok ~ ~ ~ ~"),
	"getJwks":       public("ok ~ ~ ~ ~"),
	"getHealth":     public("ok ~ ~ ~ ~"),
	"getReadiness":  public("ok ~ ~ ~ ~"),

	// Oneself.
	"getMe":                {everybody: "ok ~ ~ ~ ~"},
	"listMySessions":       {everybody: "in - - - ~"},
	"deleteMySessions":     {everybody: "ok ~ ~ ~ ~"},
	"deleteMySession":      {everybody: "ok 404 404 404 404"},
	"putPushAddress":       {people: "ok ~ ~ ~ ~"},
	"deletePushAddress":    {people: "ok ok ok ok ok"}, // one's own; others' stay, which the probe looks at
	"getMyAlertSettings":   {people: "ok ~ ~ ~ ~"},
	"putMyAlertSettings":   {people: "ok ~ ~ ~ ~"},
	"getMyWeChat":          {people: "ok ~ ~ ~ ~"},
	"putMyWeChat":          {people: "ok ~ ~ ~ ~"},
	"deleteMyWeChat":       {people: "ok ~ ~ ~ ~"},
	"createWeChatConsents": {people: "ok ~ ~ ~ ~"},
	"listMyInbox":          {people: "in - - - ~"},
	"getStream":            {people: "ok ~ ~ ~ ~"},
	"getStreamSocket":      {people: "ok ~ ~ ~ ~"},

	// Patrol: the routes of a station are walked by everybody who patrols there.
	"createCheckIns":        {patrol: "ok ~ ok 422 422"},
	"listCheckIns":          {"auxiliary grid_worker activist guard volunteer": "in - - - ~", "officer": "in in - - ~", "commander": "in in in - ~"},
	"createTracks":          {patrol: "ok ~ ~ ~ ~"},
	"listTracks":            {reporters + " officer": "in - - - -", "commander": "in in in - -"},
	"listTracks (round)":    {reporters + " officer": "in - - - -", "commander": "in in in - -"},
	"reportOwnTracks":       public("ok ~ ~ ~ ~"), // by a name and a password of its own
	"reportOsmAnd":          public("ok ~ ~ ~ ~"),
	"postOsmAnd":            public("ok ~ ~ ~ ~"),
	"listMyTrackers":        {people: "in - - - ~"},
	"createMyTracker":       {patrol: "ok ~ ~ ~ ~"},
	"deleteMyTracker":       {people: "ok 404 404 404 404"},
	"listCheckpoints":       {patrol + " commander admin": "in ~ in - ~"},
	"createCheckpoint":      {"commander": "ok ~ ok 422 422", "officer": "ok ~ 422 422 422"},
	"getCoverage":           {"commander officer": "ok ~ ~ ~ ~"}, // of one's own station; coverage_test.go looks at the other's
	"listCoverageGaps":      {"commander officer": "ok ~ ~ ~ ~"},
	"listUnseenCheckpoints": {"commander officer": "ok ~ ~ ~ ~"},
	"listStopShares":        {"commander officer": "ok ~ ~ ~ ~"},
	"getCheckpointSign":     {"commander": "ok ~ ok 404 404", "officer": "ok ~ 404 404 404"},

	// What check-ins are worth is for police to say; the screen with the rotating code may be the guard's.
	"getRotatingSecret":       {"commander": "ok ~ ok 404 404", "officer guard": "ok ~ 404 404 404"},
	"renewRotatingSecret":     {"commander": "ok ~ ok 404 404", "officer": "ok ~ 404 404 404"},
	"listCheckInReviews":      {"commander": "in ~ in - ~", "officer": "in ~ - - ~"},
	"createCheckInCorrection": {"commander": "ok ~ ok 404 404", "officer": "ok ~ 404 404 404"},
	"listCheckInCorrections":  {"commander": "in ~ in - ~", "officer": "in ~ - - ~"},
	"decideCheckInCorrection": {"commander": "ok ~ ok 404 404", "officer": "ok ~ 404 404 404"},

	"listRoutes":  {patrol + " commander admin": "in ~ ~ - ~"},
	"createRoute": {"commander": "ok ~ ok 422 422"},
	// A route is led by who holds a role in the whole station, not by a compound's officer.
	"putRouteOfficer":           {"commander": "ok ~ ~ 404 404"},
	"putRouteOfficer (officer)": {"commander": "ok 422 422 422 422"},

	// The plan of patrol: the commander's; police see all of it, who walks in a squad their own part.
	"listSquads":                  {walkers: "in - - - ~", "officer commander": "in in in - ~"},
	"listWatchConcerns":           {walkers: "in - - - ~", "officer commander": "in in in - ~"}, // of a squad that one leads
	"createSquad":                 {"commander": "ok ok ok 422 422"},                            // with somebody
	"getSquad":                    {walkers: "ok 404 404 404 404", "officer commander": "ok ok ok 404 404"},
	"updateSquad":                 {"commander": "ok ok ok 404 404"},
	"updateSquad (members)":       {"commander": "ok ok ok 422 422"},
	"endSquad":                    {"commander": "ok ok ok 404 404"},
	"listShifts":                  {walkers: "in - - - ~", "officer commander": "in in in - ~"},
	"createShift":                 {"commander": "ok ok ok 422 422"}, // of a squad
	"createShift (post)":          {"commander": "ok ~ ok 422 422"},
	"getShift":                    {walkers: "ok 404 404 404 404", "officer commander": "ok ok ok 404 404"},
	"updateShift":                 {"commander": "ok ok ok 404 404"},
	"updateShift (squad)":         {"commander": "ok ok ok 422 422"},
	"updateShift (post)":          {"commander": "ok ~ ok 422 422"},
	"endShift":                    {"commander": "ok ok ok 404 404"},
	"listShiftOccurrences":        {walkers: "ok 404 404 404 404", "officer commander": "ok ok ok 404 404"},
	"listStreetPosts":             {patrol + " commander admin": "in ~ in - ~"},
	"createStreetPost":            {"commander": "ok ~ ok 422 422"},
	"updateStreetPost":            {"commander": "ok ~ ok 404 404"},
	"updateStreetPost (compound)": {"commander": "ok ~ ok 422 422"},
	"endStreetPost":               {"commander": "ok ~ ok 404 404"},
	"getSync":                     {patrol: "ok ~ ~ ~ ~"},
	"listRoundPlans":              {walkers: "in - - - ~", "officer commander": "in in in - ~"},
	"createRoundPlan":             {"commander": "ok ok ok 422 422"}, // on a shift
	"createRoundPlan (route)":     {"commander": "ok ~ ~ 422 422"},
	"createRoundPlan (stops)":     {"commander": "ok ~ ok 422 422"},
	"getRoundPlan":                {walkers: "ok 404 404 404 404", "officer commander": "ok ok ok 404 404"},
	"endRoundPlan":                {"commander": "ok ok ok 404 404"},

	// Rounds: who walks with one, who commands the station. A compound's officer sees those they walk with.
	"listRounds":                  {patrol: "in - - - ~", "commander": "in in in - ~"},
	"getRound":                    {patrol: "ok 404 404 404 404", "commander": "ok ok ok 404 404"},
	"createRound":                 {patrol: "ok ~ ok 422 422"}, // over a checkpoint
	"createRound (route)":         {patrol: "ok ~ ~ 422 422"},
	"createRound (squad)":         {leaders: "ok 422 422 422 422", "guard volunteer": "403 422 422 422 422"}, // they walk with others
	"createRound (plan)":          {leaders: "ok 422 422 422 422", "guard volunteer": "403 422 422 422 422"},
	"startRound":                  {leaders: "ok 404 404 404 404"}, // planned for a squad
	"finishRound":                 {patrol: "ok 404 404 404 404", "commander": "ok ok ok 404 404"},
	"createRoundSkip":             {patrol: "ok 404 404 404 404"},
	"createRoundSkip (stop)":      {patrol: "ok 422 422 422 422"},
	"joinRound":                   {patrol: "ok ok ok 404 404"}, // with the code that its leader shows
	"leaveRound":                  {patrol: "ok 404 404 404 404"},
	"confirmRoundMember":          {patrol: "ok 404 404 404 404"},
	"confirmRoundMember (person)": {patrol: "ok 404 404 404 404"}, // somebody who does not walk with it
	"createRoundGuest":            {patrol: "ok 404 404 404 404"},

	// Tips: one's own, and what lies in the scope of police; the administrator reads none.
	"createMedia":              {people: "ok ~ ~ ~ ~"},
	"getMedia":                 {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"createTip":                {people: "ok 422 422 422 422"}, // with somebody's photo
	"listTips":                 {reporters: "in - - - ~", "officer": "in in - - ~", "commander": "in in in - ~"},
	"getTip":                   {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"createTipTransition":      {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"discoverOpen311":          public("ok ~ ~ ~ ~"),
	"listOpen311Services":      public("ok ~ ~ ~ ~"),
	"getOpen311Service":        public("ok ~ ~ ~ ~"),
	"listOpen311Requests":      public("ok ~ ~ ~ ~"),
	"createOpen311Request":     public("ok ~ ~ ~ ~"), // with a civic app's key
	"getOpen311Request":        public("ok ~ ~ ~ ~"),
	"listOpen311Keys":          {"commander": "ok ~ ~ ~ ~"},
	"createOpen311Key":         {"commander": "ok ~ ~ ~ ~"},
	"deleteOpen311Key":         {"commander": "ok ~ ~ 404 404"},
	"createTipWithdrawal":      {people: "ok 404 404 404 404"},
	"createTipReopening":       {people: "ok 404 404 404 404"},
	"createReceiptReopening":   {"reporter": "ok ~ ~ ~ ~"},
	"assignTip":                {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"listTipHelpers":           {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"getTipCall":               {people: "ok 404 404 404 404"}, // own is one the caller was asked to help with
	"answerTipCall":            {people: "ok 404 404 404 404"},
	"putDeputy":                {"commander": "ok ~ ok 404 404"},
	"putDeputy (deputy)":       {"commander": "ok ~ ok 422 422"},
	"getTipSettings":           {"commander officer": "ok ~ ~ ~ ~"},
	"putTipSettings":           {"commander": "ok ~ ~ ~ ~"},
	"createTipMessage":         {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"listTipMessages":          {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"readTipMessages":          {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"createTipNote":            {"officer": "404 ok 404 404 404", "commander": "404 ok ok 404 404"}, // of one's own tip one sees none
	"listTipNotes":             {"officer": "404 ok 404 404 404", "commander": "404 ok ok 404 404"},
	"listQuickAnswers":         {"commander officer": "ok ~ ~ ~ ~"},
	"putQuickAnswer":           {"commander": "ok ~ ~ ~ ~"},
	"deleteQuickAnswer":        {"commander": "ok ~ ~ 404 404"},
	"listTipCategories":        public("ok ~ ~ ok 404"), // of whichever station
	"getTipCategory":           public("ok ~ ~ ok 404"),
	"putTipCategory":           {"commander": "ok ~ ~ ~ ~"},
	"deleteTipCategory":        {"commander": "ok ~ ~ 404 404"},
	"listTipsNearby":           {people: "ok ~ ~ ~ ~"},
	"listTipMerges":            {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"mergeTip":                 {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"mergeTip (into)":          {"officer": "ok ok 422 422 422", "commander": "ok ok ok 422 422"},
	"createIdentityOpening":    {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"approveIdentityOpening":   {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"getTipIdentity":           {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"}, // to who opened it
	"createProofOfWork":        public("ok ~ ~ ~ ~"),
	"createAnonymousTip":       public("ok ok ok ok 422"), // to whichever station
	"createReceiptSession":     public("ok ~ ~ ~ ~"),
	"getReceiptTip":            {"reporter": "ok ~ ~ ~ ~"}, // the token itself says which tip
	"putReceiptPushAddress":    {"reporter": "ok ~ ~ ~ ~"},
	"deleteReceiptPushAddress": {"reporter": "ok ~ ~ ~ ~"},
	"createReceiptMessage":     {"reporter": "ok ~ ~ ~ ~"},
	"listReceiptMessages":      {"reporter": "ok ~ ~ ~ ~"},
	"readReceiptMessages":      {"reporter": "ok 422 422 422 422"},
	"listReceiptRewards":       {"reporter": "in - - - ~"},
	"createReceiptClaimCode":   {"reporter": "ok 404 404 404 404"},
	"createReceiptRewardClaim": {"reporter": "ok 422 422 422 422"},
	"putHiddenPushAddress":     {people: "ok ~ ~ ~ ~"},
	"deleteHiddenPushAddress":  {people: "ok ~ ~ ~ ~"},
	"createReceiptUpload":      {"reporter": "ok ~ ~ ~ ~"},
	"headReceiptUpload":        {"reporter": "ok 404 404 404 404"},
	"patchReceiptUpload":       {"reporter": "ok 404 404 404 404"},
	"deleteReceiptUpload":      {"reporter": "ok 404 404 404 404"},
	"finishReceiptUpload":      {"reporter": "ok 404 404 404 404"},
	"createReceiptWithdrawal":  {"reporter": "ok ~ ~ ~ ~"},
	"getMediaOriginal":         {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"getUploadOptions":         public("ok ~ ~ ~ ~"),
	"createUpload":             {people: "ok ~ ~ ~ ~"},
	"headUpload":               {people: "ok 404 404 404 404"},
	"patchUpload":              {people: "ok 404 404 404 404"},
	"deleteUpload":             {people: "ok 404 404 404 404"},
	"finishUpload":             {people: "ok 404 404 404 404"},

	// Calls for help: own is one the caller was asked to help with; nobody answers their own, but ends it. Timers are
	// one's own, and the commander sees the station's.
	"createSos":          {people: "ok ~ ~ ~ ~"},
	"listSos":            {reporters: "in - - - ~", "officer": "in in - - ~", "commander": "in in in - ~"},
	"getSos":             {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"createSosPositions": {people: "ok 404 404 404 404"},
	"createSosResponse":  {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"acknowledgeSos":     {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"resolveSos":         {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"resolveSos (own)":   {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"createWelfareTimer": {people: "ok ~ ~ ~ ~"},
	"answerWelfareTimer": {people: "ok 404 404 404 404"},
	"endWelfareTimer":    {people: "ok 404 404 404 404"},
	"listWelfareTimers":  {reporters: "in - - - ~", "officer": "in - - - ~", "commander": "in in in - ~"},

	// Vehicles: one's own; the gate sees those of its compound, and what comes and goes there. A barrier has its own arrivals.
	"createVehicle":           {"resident": "ok 422 422 422 422"}, // of a home
	"listVehicles":            {"resident": "in - - - ~", "property guard officer": "in in - - ~"},
	"getVehicle":              {"resident": "ok 404 404 404 404", "property guard officer": "ok ok 404 404 404"},
	"confirmVehicle":          {"property officer": "ok ok 404 404 404"},
	"updateVehicle":           {"resident": "ok 404 404 404 404"},
	"deleteVehicle":           {"resident": "ok 404 404 404 404"},
	"lockVehicle":             {"resident": "ok 404 404 404 404"},
	"unlockVehicle":           {"resident": "ok 404 404 404 404"},
	"createReleaseWord":       {"resident": "ok 404 404 404 404"},
	"createPlateRead":         {"device": "ok ~ ~ ~ ~"}, // of another's arrival: plateread_test.go
	"createOfflinePlateReads": {"device": "ok ~ ~ ~ ~"},
	"getPlateList":            {"device": "ok 404 404 404 404"},
	"getAllowList":            {"device": "ok 404 404 404 404"},
	"listArrivals":            {"resident": "in - - - ~", "guard": "in in - - ~", "commander": "in in in - ~"},
	"getArrival":              {"resident device": "ok 404 404 404 404", "guard": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"admitArrival":            {"guard": "ok ok 404 404 404"},
	"releaseArrival":          {"guard": "ok ok 404 404 404"},
	"overrideArrival":         {"commander": "ok ok ok 404 404"},

	// A compound's security group is of who holds these roles over it; the commander sees all.
	"listGroups":                 {"officer property committee": "in ~ - - ~", "commander": "in ~ in - ~"},
	"getGroup":                   {"officer property committee": "ok ~ 404 404 404", "commander": "ok ~ ok 404 404"},
	"readGroup":                  {"officer property committee": "ok ~ 404 404 404", "commander": "ok ~ ok 404 404"},
	"createGroupMessage":         {"officer property committee": "ok ~ 404 404 404", "commander": "ok ~ ok 404 404"},
	"createGroupMessage (photo)": {"officer property committee commander": "ok 422 422 422 422"},
	"listGroupMessages":          {"officer property committee": "ok ~ 404 404 404", "commander": "ok ~ ok 404 404"},
	"deleteGroupMessage":         {"officer property committee commander": "ok 404 404 404 404"},
	"hideGroupMessage":           {"commander": "ok ok ok 404 404"},
	"acknowledgeGroupMessage":    {"officer property committee": "ok ~ 404 404 404"},
	"listGroupAcknowledgements":  {"officer": "ok ~ 404 404 404", "commander": "ok ~ ok 404 404"},
	"exportGroup":                {"commander": "ok ~ ok 404 404"},
	"getGroupSettings":           {"officer property committee commander": "ok ~ ~ ~ ~"},
	"putGroupSettings":           {"commander": "ok ~ ~ ~ ~"},
	"getMedia (group)": {
		"auxiliary grid_worker activist guard volunteer resident admin": "ok 404 404 404 404",
		"officer property committee":                                    "ok ok 404 404 404", "commander": "ok ok ok 404 404",
	},
	// A terminal's lead: the commander at the desk; an officer while on duty, as the one of the probes is.
	"createConcernSource":   {"commander": "ok ok ok 422 422", "officer": "ok ok 422 422 422"},
	"listConcernSources":    {"commander": "in in in - ~", "officer": "in in - - ~"},
	"approveConcernSource":  {"commander": "ok ok ok 404 404", "officer": "ok ok 404 404 404"},
	"revokeConcernSource":   {"commander": "ok ok ok 404 404", "officer": "ok ok 404 404 404"},
	"createConcernReport":   {"device": "ok 404 404 404 404"},
	"listConcernReports":    {"commander": "in in in - ~", "officer": "in in - - ~"},
	"getConcernReport":      {"commander": "ok ok ok 404 404", "officer": "ok ok 404 404 404"},
	"decideConcernReport":   {"commander": "ok ok ok 404 404", "officer": "ok ok 404 404 404"},
	"dispatchConcernReport": {"commander": "ok ok ok 404 404", "officer": "ok ok 404 404 404"},
	"getConcernStatistics":  {patrol + " commander property committee admin": "ok ~ ~ ~ ~"},

	// Repairs: one's own, and for those who mend their compound's.
	"createRepair":           {"auxiliary grid_worker activist property guard volunteer committee resident officer": "ok ~ 422 422 422", "admin commander": "ok ~ ok 422 422"},
	"createRepair (home)":    {"resident": "ok 422 422 422 422", "auxiliary grid_worker activist property guard volunteer committee admin officer commander": "422 422 422 422 422"},
	"createRepair (photo)":   {people: "ok 422 422 422 422"},
	"listRepairs":            {"auxiliary grid_worker activist guard volunteer committee resident admin officer commander": "in - - - ~", "property": "in in - - ~"},
	"getRepair":              {"auxiliary grid_worker activist guard volunteer committee resident admin officer commander": "ok 404 404 404 404", "property": "ok ok 404 404 404"},
	"getMedia (repair)":      {"auxiliary grid_worker activist guard volunteer committee resident admin officer commander": "ok 404 404 404 404", "property": "ok ok 404 404 404"},
	"assignRepair":           {"property": "ok ok 404 404 404"},
	"createRepairTransition": {"property": "ok ok 404 404 404"},
	"cancelRepair":           {"auxiliary grid_worker activist guard volunteer committee resident admin officer commander": "ok 404 404 404 404", "property": "ok ok 404 404 404"},
	"rateRepair":             {people: "ok 404 404 404 404"},
	"reopenRepair":           {people: "ok 404 404 404 404"},
	"handOverRepairs":        {"property": "ok ~ 422 422 422"},
	"getRepairFigures":       {"property committee officer": "ok ~ 404 404 404", "commander": "ok ~ ok 404 404"},

	// Findings: one's own, and what lies in the scope of police. Rounds are not in the matrix; finding_test.go has them.
	"createFindings":          {patrol: "ok ~ ok 422 422"}, // at somebody's checkpoint
	"createFindings (photo)":  {patrol: "ok 422 422 422 422"},
	"listFindings":            {"auxiliary grid_worker activist guard volunteer": "in - - - ~", "officer": "in in - - ~", "commander": "in in in - ~"},
	"getFinding":              {"auxiliary grid_worker activist guard volunteer": "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"getMedia (finding)":      {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"createFindingTransition": {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"getMonthReport":          {"commander": "ok ~ ~ 404 404"},

	// Thanks: points and rewards are one's own, and police's in scope; a claim code is good at the station's desk.
	"getPointRules":            {people: "ok ~ ~ ~ ~"},
	"putPointRules":            {"commander": "ok ~ ~ ~ ~"},
	"getMyPoints":              {people: "ok ~ ~ ~ ~"},
	"getPersonPoints":          {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"createCommendation":       {"officer": "ok ok 422 422 422", "commander": "ok ok ok 422 422"},
	"createCommendation (tip)": {"officer commander": "ok 422 422 422 422"}, // another's tip
	"listCommendations":        {reporters: "in - - - ~", "officer commander": "in in in - ~"},
	"decideCommendation":       {"commander": "ok ok ok 404 404"},
	"revokeCommendation":       {"commander": "ok ok ok 404 404"},
	"getCertificate":           {reporters: "ok 404 404 404 404", "officer commander": "ok ok ok 404 404"},
	"getYearlyCommendations":   {"officer commander": "ok ~ ~ ~ ~"},
	"checkCertificate":         public("ok ~ ~ ~ ~"),
	"createRewards":            {"officer": "ok ok 422 422 422", "commander": "ok ok ok 422 422"},
	"listRewards":              {reporters: "in - - - ~", "officer": "in in - - ~", "commander": "in in in - ~"},
	"decideReward":             {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"createClaimCode":          {people: "ok 404 404 404 404"},
	"createRewardClaim":        {reporters: "ok 422 422 422 422", "officer commander": "ok ok ok 422 422"},
	"payReward":                {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"cancelReward":             {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},

	// A ring at the door: the panel's, the home's, and the guard's while it is forwarded to them. Nobody else's.
	"createCall":          {"device": "ok 422 422 422 422"},
	"createCall (home)":   {"device": "ok 422 422 422 422"},
	"listCalls":           {"resident": "in - - - ~", "guard": "in in - - ~"},
	"getCall":             {"resident device": "ok 404 404 404 404", "guard": "ok ok 404 404 404"},
	"answerCall":          {"resident": "ok 404 404 404 404", "guard": "ok ok 404 404 404"},
	"openCall":            {"resident guard": "ok 404 404 404 404"}, // whom somebody else talks to is no guard's any more
	"refuseCall":          {"resident guard": "ok 404 404 404 404"},
	"hangUpCall":          {"device": "ok 404 404 404 404"},
	"createCallPhoto":     {"device": "ok 404 404 404 404"},
	"listDoorDirectory":   {"device": "ok 404 404 404 404"},
	"listMyCallConsents":  {people: "in - - - ~"},
	"putCallConsent":      {"resident": "ok 404 404 404 404"},
	"withdrawCallConsent": {people: "ok ok ok ok ok"}, // one's own; there may be none
	"getCallSettings":     {"resident": "ok 404 404 404 404"},
	"putCallSettings":     {"resident": "ok 404 404 404 404"},
	"getMedia (call)": {
		"resident": "ok 404 404 404 404",
		"auxiliary grid_worker activist property guard volunteer committee admin officer commander": "404 404 404 404 404",
	},

	// Faces: who consented is for them alone. Property sees numbers, the administrator terminals, police nothing.
	"getFaceConsentText":            {people: "ok ~ ~ ~ ~"},
	"listMyFaceConsents":            {people: "in - - - ~"},
	"createFaceConsent":             {"resident": "ok 422 422 422 422"},
	"withdrawFaceConsent":           {people: "ok 404 404 404 404"},
	"listMyFaceEnrolments":          {people: "in - - - ~"},
	"createFaceEnrolment":           {"resident": "ok 422 422 422 422"},
	"createFaceEnrolment (consent)": {"resident": "ok 422 422 422 422"},
	"listEnrolmentOrders":           {"device": "ok 404 404 404 404"},
	"confirmEnrolment":              {"device": "ok 404 404 404 404"},
	"listFaceOrders":                {"admin": "in in in - ~"},
	"confirmWiping":                 {"admin": "ok ok ok 404 404"},
	"getFaceFigures":                {"property": "ok ~ 404 404 404"},
	"putDoorWays":                   {"admin commander": "ok ok ok 404 404"},

	// Visitors and doors: by that role the administrator opens nothing.
	"createVisitorPass":         {"resident": "ok 422 422 422 422", "property": "ok ok 422 422 422"},
	"createVisitorPass (doors)": {"resident": "ok 422 422 422 422", "property": "ok ok 422 422 422"},
	"listVisitorPasses":         {"resident": "in - - - ~", "property": "in in - - ~"},
	"getVisitorPass":            {"resident": "ok 404 404 404 404", "property": "ok ok 404 404 404"},
	"updateVisitorPass":         {"resident": "ok 404 404 404 404", "property": "ok ok 404 404 404"},
	"updateVisitorPass (doors)": {"resident": "ok 422 422 422 422", "property": "ok ok 422 422 422"},
	"getGuestPage":              public("ok ~ ~ ~ ~"), // by its address
	"takeGuestPass":             public("ok ~ ~ ~ ~"), // by the group's
	"revokeVisitorPass":         {"resident": "ok 404 404 404 404", "property": "ok ok 404 404 404"},
	"createCodeEntry":           {"device": "ok 404 404 404 404", "guard": "ok ok 404 404 404"},
	"listDoors":                 {"resident device": "in - - - ~", "guard property officer": "in in - - ~", "commander admin": "in in in - ~"},
	"openDoor":                  {"resident": "ok 404 404 404 404", "guard property officer": "ok ok 404 404 404"},
	"getDoorCommand":            {"resident guard property officer": "ok 404 404 404 404", "commander": "ok ok ok 404 404"},
	"listAccessEvents":          {"resident": "in - - - ~", "guard property officer": "in in - - ~", "commander": "in in in - ~"},
	"createDeviceEvents":        {"device": "ok 404 404 404 404"},
	"getDoorState":              {"guard property officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"listDoorEvents":            {"guard property officer": "in in - - ~", "commander": "in in in - ~"},
	"putDoorAlarmSettings":      {"property": "ok ok 404 404 404", "commander admin": "ok ok ok 404 404"},

	// Alerts: who is addressed, and who commands the place.
	"createAlert":          {"officer": "ok ok 422 422 422", "commander": "ok ok ok 422 422"},
	"previewAlertAudience": {"officer": "ok ok 422 422 422", "commander": "ok ok ok 422 422"},
	"listAlerts":           {reporters: "in - - - ~", "officer": "in in - - ~", "commander": "in in in - ~"},
	"getAlert":             {reporters: "ok 404 404 404 404", "officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"acknowledgeAlert":     {people: "ok 404 404 404 404"},

	// Who knows of them: for who sent them, and who commands the place.
	"listAlertDeliveries":    {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"createDeliveryReceipts": {people: "ok ~ ~ ~ ~"},
	"createVoiceCallback":    public("ok ~ ~ ~ ~"), // by its signature
	"cancelAlert":            {"officer": "ok ok 404 404 404", "commander": "ok ok ok 404 404"},
	"getAlertLadders":        {"commander officer": "ok ~ ~ ~ ~"},
	"putAlertLadders":        {"commander": "ok ~ ~ ~ ~"},
	"previewAlertLadder":     {"commander": "ok ~ ok 422 422"},

	// The station's own systems.
	"listAlertWebhooks":        {administration: "ok ~ ~ ~ ~"},
	"createAlertWebhook":       {administration: "ok ~ ~ ~ ~"},
	"deleteAlertWebhook":       {administration: "ok ~ ~ 404 404"},
	"rotateAlertWebhookSecret": {administration: "ok ~ ~ 404 404"},
	"testAlertWebhook":         {administration: "ok ~ ~ 404 404"},

	// Administration of one station.
	"listPeople":               {administration: "in in in - ~"},
	"createPerson":             {administration: "ok ~ ~ ~ ~"},
	"getPerson":                {administration: "ok ok ok 404 404"},
	"updatePerson":             {administration: "ok ok ok 404 404"},
	"listPersonRoles":          {administration: "ok ok ok 404 404"},
	"createPersonRole":         {administration: "ok ok ok 404 404"},
	"createPersonRole (scope)": {administration: "ok ok ok 422 422"},
	"updatePersonRole":         {administration: "ok ok ok 404 404"},
	"updatePersonRole (grant)": {administration: "ok 404 404 404 404"}, // somebody else's grant under one's own person
	"listCompounds":            {administration: "in ~ in - ~"},
	"createCompound":           {administration: "ok ~ ~ ~ ~"},
	"updateCompound":           {administration: "ok ~ ok 404 404"},
	"listHomes":                {administration: "in in in - ~"},
	"createHome":               {administration: "ok ~ ok 422 422"},
	"updateHome":               {administration: "ok ok ok 404 404"},
	"createDoor":               {administration: "ok ~ ok 422 422"},
	"createDoor (unit)":        {administration: "ok ok 422 422 422"},
	"listDevices":              {administration: "in in in - ~"},
	"createDevice":             {administration: "ok ~ ok 422 422"},
	"createDevice (doors)":     {administration: "ok ok 422 422 422"},
	"updateDevice":             {administration: "ok ok ok 404 404"},
	"updateDevice (doors)":     {administration: "ok ok 422 422 422"},
	"getDevice":                {administration: "ok ok ok 404 404", "property": "ok ok 404 404 404"},
	"createDeviceClaimCode":    {administration: "ok ok ok 404 404"},
	"createDeviceClaim":        public("ok ~ ~ ~ ~"), // by its code
	"rotateDeviceSecret":       {administration: "ok ok ok 404 404", "device": "ok 404 404 404 404"},
	"putDeviceHealth":          {"device": "ok 404 404 404 404"},
	"listAuditEntries":         {"commander": "in ~ ~ - ~"},
}

// Roles by the words of the domain, written out so that nothing here follows from the code.
const (
	everybody      = people + " device"
	people         = reporters + " officer commander"
	reporters      = "auxiliary grid_worker activist property guard volunteer committee resident admin"
	leaders        = "officer auxiliary grid_worker activist"
	walkers        = "auxiliary grid_worker activist guard volunteer"
	patrol         = "officer auxiliary grid_worker activist guard volunteer"
	administration = "admin commander"
)
