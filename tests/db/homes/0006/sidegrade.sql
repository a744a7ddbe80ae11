BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
CREATE TABLE analyses (
	ordinal INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	policy TEXT NOT NULL, 
	policy_digest TEXT NOT NULL, 
	policy_text TEXT NOT NULL, 
	evidence_digest TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	sentence TEXT NOT NULL, 
	results TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_analyses PRIMARY KEY (ordinal), 
	CONSTRAINT fk_analyses_run_id FOREIGN KEY(run_id) REFERENCES runs (id), 
	CONSTRAINT uq_analyses_id UNIQUE (id)
);
CREATE TABLE case_tags (
	case_digest TEXT NOT NULL, 
	tag TEXT NOT NULL, 
	CONSTRAINT pk_case_tags PRIMARY KEY (case_digest, tag), 
	CONSTRAINT fk_case_tags_case_digest FOREIGN KEY(case_digest) REFERENCES cases (digest)
);
INSERT INTO "case_tags" VALUES('case_7fb1b15a8dca530c545fefe82e289fc8','promo');
INSERT INTO "case_tags" VALUES('case_7fb1b15a8dca530c545fefe82e289fc8','text');
INSERT INTO "case_tags" VALUES('case_cb61468963da6312890232b26aecbed5','alpha');
CREATE TABLE cases (
	digest TEXT NOT NULL, 
	name TEXT NOT NULL, 
	prompt TEXT NOT NULL, 
	negative_prompt TEXT NOT NULL, 
	width BIGINT NOT NULL, 
	height BIGINT NOT NULL, 
	tags TEXT NOT NULL, 
	expected_text TEXT NOT NULL, 
	expects_alpha BOOLEAN, 
	critical BOOLEAN NOT NULL, 
	CONSTRAINT pk_cases PRIMARY KEY (digest)
);
INSERT INTO "cases" VALUES('case_7fb1b15a8dca530c545fefe82e289fc8','sale-now','a poster with the exact text "SALE NOW"','',48,48,'["text","promo"]','[{"box":null,"letter_height_px":12,"text":"SALE NOW"}]',NULL,1);
INSERT INTO "cases" VALUES('case_cb61468963da6312890232b26aecbed5','star','a star, transparent','',48,48,'["alpha"]','[]',1,0);
CREATE TABLE golden_versions (
	number BIGINT NOT NULL, 
	digest TEXT NOT NULL, 
	entries TEXT NOT NULL, 
	frozen_by TEXT NOT NULL, 
	note TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_golden_versions PRIMARY KEY (number)
);
INSERT INTO "golden_versions" VALUES(1,'golden_2dbc4955fe7ae34e227d7d5294188cad','[{"case_digest":"case_7fb1b15a8dca530c545fefe82e289fc8","case_name":"sale-now","label":"positive","reasons":[],"recipe_digest":"recipe_3818208e82a285a718478b52c8429f93","render_digest":"44d1735ccad12af8ce8e88eb4c9039387325d4fc34046e277fcfbf996c42cb31"},{"case_digest":"case_7fb1b15a8dca530c545fefe82e289fc8","case_name":"sale-now","label":"positive","reasons":[],"recipe_digest":"recipe_7e993518035842218a454e3f5963d084","render_digest":"6d5287166cc5a7ddea6429c6fb3e1d571bf146e35738d55e843ada5986d0afc2"}]','lea','spring','2026-03-03T14:22:10.000000+00:00');
CREATE TABLE handouts (
	task TEXT NOT NULL, 
	pair_id TEXT NOT NULL, 
	reviewer TEXT NOT NULL, 
	slot TEXT NOT NULL, 
	side_a TEXT NOT NULL, 
	handed_at TEXT NOT NULL, 
	CONSTRAINT pk_handouts PRIMARY KEY (task), 
	CONSTRAINT fk_handouts_pair_id FOREIGN KEY(pair_id) REFERENCES pairs (id), 
	CONSTRAINT uq_handouts_pair_id_reviewer_slot UNIQUE (pair_id, reviewer, slot)
);
CREATE TABLE jobs (
	ordinal INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	subject_id TEXT NOT NULL, 
	run_id TEXT, 
	state TEXT NOT NULL, 
	attempts BIGINT NOT NULL, 
	worker TEXT, 
	lease_until TEXT, 
	arm TEXT, 
	step BIGINT NOT NULL, 
	steps BIGINT NOT NULL, 
	failure TEXT, 
	created_at TEXT NOT NULL, 
	finished_at TEXT, 
	rank INTEGER NOT NULL, 
	CONSTRAINT pk_jobs PRIMARY KEY (ordinal), 
	CONSTRAINT fk_jobs_run_id FOREIGN KEY(run_id) REFERENCES runs (id), 
	CONSTRAINT uq_jobs_id UNIQUE (id)
);
INSERT INTO "jobs" VALUES(1,'job_a2bcf2f67b8d036d6585b62677ed86d7','pair','pair_97a5efe9c8e32571868660103b1f7542','run_33f15a5b6a479d3fc40b594308219bb2','done',1,'worker-1',NULL,NULL,0,0,NULL,'2026-03-03T14:22:10.000000+00:00','2026-03-03T14:22:11.000000+00:00',1);
INSERT INTO "jobs" VALUES(2,'job_fdc6fd29f7b1b0b0c421cd96bce8eb36','pair','pair_34a464ffe24974d1328f1499c74c7302','run_33f15a5b6a479d3fc40b594308219bb2','done',1,'worker-1',NULL,NULL,0,0,NULL,'2026-03-03T14:22:10.000000+00:00','2026-03-03T14:22:12.000000+00:00',1);
INSERT INTO "jobs" VALUES(3,'job_9ce2869867552109bc719cf1a16809b8','pair','pair_57c683726cd817cb5b19a93aaad76101','run_33f15a5b6a479d3fc40b594308219bb2','done',1,'worker-1',NULL,NULL,0,0,NULL,'2026-03-03T14:22:10.000000+00:00','2026-03-03T14:22:13.000000+00:00',1);
INSERT INTO "jobs" VALUES(4,'job_5465d581f18f6b0e71bae11cb82660c4','pair','pair_03566b49244188539002039d1f30b7ee','run_33f15a5b6a479d3fc40b594308219bb2','done',1,'worker-1',NULL,NULL,0,0,NULL,'2026-03-03T14:22:10.000000+00:00','2026-03-03T14:22:14.000000+00:00',1);
CREATE TABLE measurements (
	ordinal INTEGER NOT NULL, 
	pair_id TEXT NOT NULL, 
	"check" TEXT NOT NULL, 
	metric TEXT NOT NULL, 
	arm TEXT, 
	subject TEXT NOT NULL, 
	status TEXT NOT NULL, 
	value DOUBLE, 
	unit TEXT NOT NULL, 
	higher_is_better BOOLEAN, 
	reason TEXT NOT NULL, 
	regions TEXT NOT NULL, 
	version TEXT NOT NULL, 
	raw TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	examination INTEGER NOT NULL, 
	alarm BOOLEAN NOT NULL, 
	CONSTRAINT pk_measurements PRIMARY KEY (ordinal), 
	CONSTRAINT fk_measurements_pair_id FOREIGN KEY(pair_id) REFERENCES pairs (id)
);
INSERT INTO "measurements" VALUES(1,'pair_97a5efe9c8e32571868660103b1f7542','lpips','lpips',NULL,'','measured',0.12,'distance',0,'close','[]','1+lpips 0.1.4','{}','2026-03-03T14:22:11.000000+00:00',1,0);
INSERT INTO "measurements" VALUES(2,'pair_97a5efe9c8e32571868660103b1f7542','contract','breaches','baseline','','measured',0.0,'breaches',0,'as promised','[]','1','{}','2026-03-03T14:22:11.000000+00:00',1,0);
INSERT INTO "measurements" VALUES(3,'pair_97a5efe9c8e32571868660103b1f7542','contract','breaches','candidate','','measured',0.0,'breaches',0,'as promised','[]','1','{}','2026-03-03T14:22:11.000000+00:00',1,0);
INSERT INTO "measurements" VALUES(4,'pair_34a464ffe24974d1328f1499c74c7302','lpips','lpips',NULL,'','measured',0.12,'distance',0,'close','[]','1+lpips 0.1.4','{}','2026-03-03T14:22:12.000000+00:00',2,0);
INSERT INTO "measurements" VALUES(5,'pair_34a464ffe24974d1328f1499c74c7302','contract','breaches','baseline','','measured',0.0,'breaches',0,'as promised','[]','1','{}','2026-03-03T14:22:12.000000+00:00',2,0);
INSERT INTO "measurements" VALUES(6,'pair_34a464ffe24974d1328f1499c74c7302','contract','breaches','candidate','','measured',0.0,'breaches',0,'as promised','[]','1','{}','2026-03-03T14:22:12.000000+00:00',2,0);
INSERT INTO "measurements" VALUES(7,'pair_57c683726cd817cb5b19a93aaad76101','lpips','lpips',NULL,'','measured',0.12,'distance',0,'close','[]','1+lpips 0.1.4','{}','2026-03-03T14:22:13.000000+00:00',3,0);
INSERT INTO "measurements" VALUES(8,'pair_57c683726cd817cb5b19a93aaad76101','contract','breaches','baseline','','measured',0.0,'breaches',0,'as promised','[]','1','{}','2026-03-03T14:22:13.000000+00:00',3,0);
INSERT INTO "measurements" VALUES(9,'pair_57c683726cd817cb5b19a93aaad76101','contract','breaches','candidate','','measured',0.0,'breaches',0,'as promised','[]','1','{}','2026-03-03T14:22:13.000000+00:00',3,0);
INSERT INTO "measurements" VALUES(10,'pair_03566b49244188539002039d1f30b7ee','lpips','lpips',NULL,'','measured',0.12,'distance',0,'close','[]','1+lpips 0.1.4','{}','2026-03-03T14:22:14.000000+00:00',4,0);
INSERT INTO "measurements" VALUES(11,'pair_03566b49244188539002039d1f30b7ee','contract','breaches','baseline','','measured',0.0,'breaches',0,'as promised','[]','1','{}','2026-03-03T14:22:14.000000+00:00',4,0);
INSERT INTO "measurements" VALUES(12,'pair_03566b49244188539002039d1f30b7ee','contract','breaches','candidate','','measured',0.0,'breaches',0,'as promised','[]','1','{}','2026-03-03T14:22:14.000000+00:00',4,0);
CREATE TABLE named_pictures (
	reviewer TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	run_id TEXT, 
	shown_at TEXT NOT NULL, 
	CONSTRAINT pk_named_pictures PRIMARY KEY (reviewer, digest), 
	CONSTRAINT fk_named_pictures_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
);
CREATE TABLE names_shown (
	pair_id TEXT NOT NULL, 
	reviewer TEXT NOT NULL, 
	shown_at TEXT NOT NULL, 
	CONSTRAINT pk_names_shown PRIMARY KEY (pair_id, reviewer), 
	CONSTRAINT fk_names_shown_pair_id FOREIGN KEY(pair_id) REFERENCES pairs (id)
);
CREATE TABLE pairs (
	id TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	case_digest TEXT NOT NULL, 
	case_name TEXT NOT NULL, 
	seed BIGINT NOT NULL, 
	position BIGINT NOT NULL, 
	noise_shared BOOLEAN, 
	review_rank INTEGER NOT NULL, 
	ready BOOLEAN NOT NULL, 
	overlapped BOOLEAN NOT NULL, 
	disputed BOOLEAN NOT NULL, 
	CONSTRAINT pk_pairs PRIMARY KEY (id), 
	CONSTRAINT fk_pairs_case_digest FOREIGN KEY(case_digest) REFERENCES cases (digest), 
	CONSTRAINT fk_pairs_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO "pairs" VALUES('pair_97a5efe9c8e32571868660103b1f7542','run_33f15a5b6a479d3fc40b594308219bb2','case_7fb1b15a8dca530c545fefe82e289fc8','sale-now',1,0,1,0,1,1,0);
INSERT INTO "pairs" VALUES('pair_34a464ffe24974d1328f1499c74c7302','run_33f15a5b6a479d3fc40b594308219bb2','case_7fb1b15a8dca530c545fefe82e289fc8','sale-now',2,1,1,1,1,1,0);
INSERT INTO "pairs" VALUES('pair_57c683726cd817cb5b19a93aaad76101','run_33f15a5b6a479d3fc40b594308219bb2','case_cb61468963da6312890232b26aecbed5','star',1,2,1,2,1,0,0);
INSERT INTO "pairs" VALUES('pair_03566b49244188539002039d1f30b7ee','run_33f15a5b6a479d3fc40b594308219bb2','case_cb61468963da6312890232b26aecbed5','star',2,3,1,3,1,1,0);
CREATE TABLE renders (
	ordinal INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	pair_id TEXT NOT NULL, 
	arm TEXT NOT NULL, 
	recipe TEXT NOT NULL, 
	status TEXT NOT NULL, 
	digest TEXT, 
	mode TEXT, 
	width BIGINT, 
	height BIGINT, 
	noise_digest TEXT, 
	latent_shape TEXT, 
	latency_ms DOUBLE, 
	gpu_seconds DOUBLE, 
	peak_memory_mb DOUBLE, 
	warm_up BOOLEAN NOT NULL, 
	batch_was_halved BOOLEAN NOT NULL, 
	failure TEXT, 
	created_at TEXT NOT NULL, 
	recipe_digest TEXT NOT NULL, 
	CONSTRAINT pk_renders PRIMARY KEY (ordinal), 
	CONSTRAINT fk_renders_pair_id FOREIGN KEY(pair_id) REFERENCES pairs (id), 
	CONSTRAINT uq_renders_id UNIQUE (id)
);
INSERT INTO "renders" VALUES(1,'render_3870d554954c75ce91ca0ff278484444','pair_97a5efe9c8e32571868660103b1f7542','baseline','{"backend":"diffusers","batch_index":0,"batch_size":1,"device_class":"cpu","dtype":"float32","guidance_scale":2.0,"height":48,"library_versions":{"diffusers":"0.42.1"},"model":"letterpress","model_digest":"model_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","negative_prompt":"","num_inference_steps":4,"prompt":"a poster with the exact text \"SALE NOW\"","scheduler":"FlowMatchEulerDiscreteScheduler","scheduler_config":{"shift":3.0},"seed":1,"width":48}','done','ba1ed5b9664a4d1ec245d6eaac309a41224ba05d09bfc1f112f7da21d2262590','RGBA',48,48,'noise_92d5c9aa66758466c4888a3c6bb8ea11','[1,4,6,6]',100.0,0.1,300.0,0,0,NULL,'2026-03-03T14:22:11.000000+00:00','recipe_7943725fd37300ec040dad7315c3e9c5');
INSERT INTO "renders" VALUES(2,'render_9ce70688bc81c1e3a4c73d6f56533967','pair_97a5efe9c8e32571868660103b1f7542','candidate','{"backend":"diffusers","batch_index":0,"batch_size":1,"device_class":"cpu","dtype":"float32","guidance_scale":2.0,"height":48,"library_versions":{"diffusers":"0.42.1"},"model":"letterpress-2","model_digest":"model_cccccccccccccccccccccccccccccccc","negative_prompt":"","num_inference_steps":4,"prompt":"a poster with the exact text \"SALE NOW\"","scheduler":"FlowMatchEulerDiscreteScheduler","scheduler_config":{"shift":3.0},"seed":1,"width":48}','done','6d5287166cc5a7ddea6429c6fb3e1d571bf146e35738d55e843ada5986d0afc2','RGBA',48,48,'noise_92d5c9aa66758466c4888a3c6bb8ea11','[1,4,6,6]',80.0,0.08,300.0,0,0,NULL,'2026-03-03T14:22:11.000000+00:00','recipe_7e993518035842218a454e3f5963d084');
INSERT INTO "renders" VALUES(3,'render_24f853bedea52933a114b4b018a7163b','pair_34a464ffe24974d1328f1499c74c7302','baseline','{"backend":"diffusers","batch_index":0,"batch_size":1,"device_class":"cpu","dtype":"float32","guidance_scale":2.0,"height":48,"library_versions":{"diffusers":"0.42.1"},"model":"letterpress","model_digest":"model_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","negative_prompt":"","num_inference_steps":4,"prompt":"a poster with the exact text \"SALE NOW\"","scheduler":"FlowMatchEulerDiscreteScheduler","scheduler_config":{"shift":3.0},"seed":2,"width":48}','done','22c8b65277c3fdb315ae4b91b965d7eb7373b1aa0f6ca8abc2ab2e82df5d115e','RGBA',48,48,'noise_82cddd101660937f15d41a8711f904ec','[1,4,6,6]',100.0,0.1,300.0,0,0,NULL,'2026-03-03T14:22:12.000000+00:00','recipe_0b689fa2c22af7f3493a10fc4ec53572');
INSERT INTO "renders" VALUES(4,'render_3280197e5a84542b0831f5ad7aab5afa','pair_34a464ffe24974d1328f1499c74c7302','candidate','{"backend":"diffusers","batch_index":0,"batch_size":1,"device_class":"cpu","dtype":"float32","guidance_scale":2.0,"height":48,"library_versions":{"diffusers":"0.42.1"},"model":"letterpress-2","model_digest":"model_cccccccccccccccccccccccccccccccc","negative_prompt":"","num_inference_steps":4,"prompt":"a poster with the exact text \"SALE NOW\"","scheduler":"FlowMatchEulerDiscreteScheduler","scheduler_config":{"shift":3.0},"seed":2,"width":48}','done','44d1735ccad12af8ce8e88eb4c9039387325d4fc34046e277fcfbf996c42cb31','RGBA',48,48,'noise_82cddd101660937f15d41a8711f904ec','[1,4,6,6]',80.0,0.08,300.0,0,0,NULL,'2026-03-03T14:22:12.000000+00:00','recipe_3818208e82a285a718478b52c8429f93');
INSERT INTO "renders" VALUES(5,'render_9cfc9eae07138f041ae7cc364ea6402a','pair_57c683726cd817cb5b19a93aaad76101','baseline','{"backend":"diffusers","batch_index":0,"batch_size":1,"device_class":"cpu","dtype":"float32","guidance_scale":2.0,"height":48,"library_versions":{"diffusers":"0.42.1"},"model":"letterpress","model_digest":"model_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","negative_prompt":"","num_inference_steps":4,"prompt":"a star, transparent","scheduler":"FlowMatchEulerDiscreteScheduler","scheduler_config":{"shift":3.0},"seed":1,"width":48}','done','b787a59e42ff90feb9698ab8d97371f345b8f3c7802352ca5bbcef4d2c07a5fe','RGBA',48,48,'noise_92d5c9aa66758466c4888a3c6bb8ea11','[1,4,6,6]',100.0,0.1,300.0,0,0,NULL,'2026-03-03T14:22:13.000000+00:00','recipe_90fda7bc215156c3bbeb3b9e18965863');
INSERT INTO "renders" VALUES(6,'render_1bf784a2f85f027b3fd076ce2ea96ffa','pair_57c683726cd817cb5b19a93aaad76101','candidate','{"backend":"diffusers","batch_index":0,"batch_size":1,"device_class":"cpu","dtype":"float32","guidance_scale":2.0,"height":48,"library_versions":{"diffusers":"0.42.1"},"model":"letterpress-2","model_digest":"model_cccccccccccccccccccccccccccccccc","negative_prompt":"","num_inference_steps":4,"prompt":"a star, transparent","scheduler":"FlowMatchEulerDiscreteScheduler","scheduler_config":{"shift":3.0},"seed":1,"width":48}','done','968fdec16b5cc0367574fbfad6de3b1a96ad209643f300a634a3fa14baed6232','RGBA',48,48,'noise_92d5c9aa66758466c4888a3c6bb8ea11','[1,4,6,6]',80.0,0.08,300.0,0,0,NULL,'2026-03-03T14:22:13.000000+00:00','recipe_2d1b650c45f2eaceaa75f512a0dc527e');
INSERT INTO "renders" VALUES(7,'render_41b55c5f0aeb86e9e7b8a25fdca9f070','pair_03566b49244188539002039d1f30b7ee','baseline','{"backend":"diffusers","batch_index":0,"batch_size":1,"device_class":"cpu","dtype":"float32","guidance_scale":2.0,"height":48,"library_versions":{"diffusers":"0.42.1"},"model":"letterpress","model_digest":"model_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","negative_prompt":"","num_inference_steps":4,"prompt":"a star, transparent","scheduler":"FlowMatchEulerDiscreteScheduler","scheduler_config":{"shift":3.0},"seed":2,"width":48}','done','53e8de1d3252c932f867078d0f9af61b05605a4cc7cc13262ac10fbbacf6d05e','RGBA',48,48,'noise_82cddd101660937f15d41a8711f904ec','[1,4,6,6]',100.0,0.1,300.0,0,0,NULL,'2026-03-03T14:22:14.000000+00:00','recipe_b442e29f7cd3767e4b2b1eaf8896e5af');
INSERT INTO "renders" VALUES(8,'render_741b2d5345b3ca427a05e7746c811e8b','pair_03566b49244188539002039d1f30b7ee','candidate','{"backend":"diffusers","batch_index":0,"batch_size":1,"device_class":"cpu","dtype":"float32","guidance_scale":2.0,"height":48,"library_versions":{"diffusers":"0.42.1"},"model":"letterpress-2","model_digest":"model_cccccccccccccccccccccccccccccccc","negative_prompt":"","num_inference_steps":4,"prompt":"a star, transparent","scheduler":"FlowMatchEulerDiscreteScheduler","scheduler_config":{"shift":3.0},"seed":2,"width":48}','done','ffa8c8901028e6341bff303bf304972adee62586a43b66e7f7d45670389bed2f','RGBA',48,48,'noise_82cddd101660937f15d41a8711f904ec','[1,4,6,6]',80.0,0.08,300.0,0,0,NULL,'2026-03-03T14:22:14.000000+00:00','recipe_1d0a8066fe191014b60636e33b020229');
CREATE TABLE replays (
	ordinal INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	render_id TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	digest_before TEXT NOT NULL, 
	digest_after TEXT, 
	noise_matches BOOLEAN, 
	max_abs_difference BIGINT, 
	mean_abs_difference DOUBLE, 
	lpips DOUBLE, 
	differing_fields TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_replays PRIMARY KEY (ordinal), 
	CONSTRAINT fk_replays_render_id FOREIGN KEY(render_id) REFERENCES renders (id), 
	CONSTRAINT uq_replays_id UNIQUE (id)
);
CREATE TABLE review_units (
	run_id TEXT NOT NULL, 
	case_digest TEXT NOT NULL, 
	place BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	ready_pairs BIGINT NOT NULL, 
	votes TEXT NOT NULL, 
	first_judged_at TEXT, 
	CONSTRAINT pk_review_units PRIMARY KEY (run_id, case_digest), 
	CONSTRAINT fk_review_units_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO "review_units" VALUES('run_33f15a5b6a479d3fc40b594308219bb2','case_7fb1b15a8dca530c545fefe82e289fc8',0,'closed',2,'[{"pair_id":"pair_97a5efe9c8e32571868660103b1f7542","reviewer":"ana","side_a":"baseline","uuid":"vote_e013e932585a49539c4e550e4b7e1e32"}]','2026-03-03T14:23:10.000000+00:00');
INSERT INTO "review_units" VALUES('run_33f15a5b6a479d3fc40b594308219bb2','case_cb61468963da6312890232b26aecbed5',1,'closed',2,'[{"pair_id":"pair_57c683726cd817cb5b19a93aaad76101","reviewer":"ana","side_a":"baseline","uuid":"vote_6b7fb4b1eb361b2cc1b2c0fd0aeafad2"}]','2026-03-03T14:23:12.000000+00:00');
CREATE TABLE reviewer_desks (
	run_id TEXT NOT NULL, 
	reviewer TEXT NOT NULL, 
	turns BIGINT NOT NULL, 
	gold BIGINT NOT NULL, 
	judged BIGINT NOT NULL, 
	last_cast TEXT, 
	standing BIGINT NOT NULL, 
	named BIGINT NOT NULL, 
	CONSTRAINT pk_reviewer_desks PRIMARY KEY (run_id, reviewer), 
	CONSTRAINT fk_reviewer_desks_run_id FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO "reviewer_desks" VALUES('run_33f15a5b6a479d3fc40b594308219bb2','ana',4,0,2,'vote_9f0b56367d30c073bb6b933ac3f73d2e',4,0);
INSERT INTO "reviewer_desks" VALUES('run_33f15a5b6a479d3fc40b594308219bb2','ben',2,0,0,'vote_2bd70aa70723f7bdf405419ac2479acd',2,0);
CREATE TABLE rollout_events (
	ordinal INTEGER NOT NULL, 
	uuid TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	action TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	note TEXT NOT NULL, 
	analysis_id TEXT, 
	outcome TEXT, 
	policy_digest TEXT, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_rollout_events PRIMARY KEY (ordinal), 
	CONSTRAINT fk_rollout_events_run_id FOREIGN KEY(run_id) REFERENCES runs (id), 
	CONSTRAINT uq_rollout_events_uuid UNIQUE (uuid)
);
CREATE TABLE runs (
	ordinal INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	suite TEXT NOT NULL, 
	suite_digest TEXT NOT NULL, 
	baseline TEXT NOT NULL, 
	candidate TEXT NOT NULL, 
	baseline_digest TEXT NOT NULL, 
	candidate_digest TEXT NOT NULL, 
	seeds TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	attempt BIGINT NOT NULL, 
	requested_by TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	request_digest TEXT NOT NULL, 
	CONSTRAINT pk_runs PRIMARY KEY (ordinal), 
	CONSTRAINT uq_runs_id UNIQUE (id)
);
INSERT INTO "runs" VALUES(1,'run_33f15a5b6a479d3fc40b594308219bb2','suite','posters','suite_50860a3d631ad25a009521209ce66a7e','letterpress','letterpress-2','model_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','model_cccccccccccccccccccccccccccccccc','[1,2]','{"control_share":0.1,"deadline_days":30,"look_closer_px":0,"margin":0.075,"max_units":400,"mode":"superiority","order_seed":7,"overlap_share":0.1,"votes_per_unit":1}',1,'lea','2026-03-03T14:22:10.000000+00:00','request_afd490ad76e86acbdec35081dec8c937');
CREATE TABLE self_tests (
	ordinal INTEGER NOT NULL, 
	"check" TEXT NOT NULL, 
	version TEXT NOT NULL, 
	hit_rate DOUBLE, 
	false_alarm_rate DOUBLE, 
	trusted BOOLEAN NOT NULL, 
	reason TEXT NOT NULL, 
	score TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_self_tests PRIMARY KEY (ordinal)
);
CREATE TABLE skips (
	ordinal INTEGER NOT NULL, 
	pair_id TEXT NOT NULL, 
	reviewer TEXT NOT NULL, 
	skipped_at TEXT NOT NULL, 
	CONSTRAINT pk_skips PRIMARY KEY (ordinal), 
	CONSTRAINT fk_skips_pair_id FOREIGN KEY(pair_id) REFERENCES pairs (id)
);
CREATE TABLE standing_verdicts (
	pair_id TEXT NOT NULL, 
	reviewer TEXT NOT NULL, 
	slot TEXT NOT NULL, 
	uuid TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	case_digest TEXT NOT NULL, 
	place BIGINT NOT NULL, 
	purpose TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	taken_back BOOLEAN NOT NULL, 
	counts BOOLEAN NOT NULL, 
	wants_second BOOLEAN NOT NULL, 
	CONSTRAINT pk_standing_verdicts PRIMARY KEY (pair_id, reviewer, slot), 
	CONSTRAINT fk_standing_verdicts_uuid FOREIGN KEY(uuid) REFERENCES verdicts (uuid), 
	CONSTRAINT uq_standing_verdicts_uuid UNIQUE (uuid)
);
INSERT INTO "standing_verdicts" VALUES('pair_34a464ffe24974d1328f1499c74c7302','ana','judged','vote_3b02bfe68ddc0df1a171eefad1af132d','run_33f15a5b6a479d3fc40b594308219bb2','case_7fb1b15a8dca530c545fefe82e289fc8',0,'overlap','candidate',0,0,0);
INSERT INTO "standing_verdicts" VALUES('pair_57c683726cd817cb5b19a93aaad76101','ana','judged','vote_6b7fb4b1eb361b2cc1b2c0fd0aeafad2','run_33f15a5b6a479d3fc40b594308219bb2','case_cb61468963da6312890232b26aecbed5',1,'evidence','candidate',0,1,1);
INSERT INTO "standing_verdicts" VALUES('pair_03566b49244188539002039d1f30b7ee','ana','judged','vote_9f0b56367d30c073bb6b933ac3f73d2e','run_33f15a5b6a479d3fc40b594308219bb2','case_cb61468963da6312890232b26aecbed5',1,'overlap','candidate',0,0,0);
INSERT INTO "standing_verdicts" VALUES('pair_97a5efe9c8e32571868660103b1f7542','ana','judged','vote_e013e932585a49539c4e550e4b7e1e32','run_33f15a5b6a479d3fc40b594308219bb2','case_7fb1b15a8dca530c545fefe82e289fc8',0,'evidence','candidate',0,1,0);
INSERT INTO "standing_verdicts" VALUES('pair_97a5efe9c8e32571868660103b1f7542','ben','judged','vote_0541f58e583879a218c53a5d4bdbbe38','run_33f15a5b6a479d3fc40b594308219bb2','case_7fb1b15a8dca530c545fefe82e289fc8',0,'overlap','candidate',0,0,0);
INSERT INTO "standing_verdicts" VALUES('pair_34a464ffe24974d1328f1499c74c7302','ben','judged','vote_2bd70aa70723f7bdf405419ac2479acd','run_33f15a5b6a479d3fc40b594308219bb2','case_7fb1b15a8dca530c545fefe82e289fc8',0,'overlap','candidate',0,0,0);
CREATE TABLE suite_cases (
	suite_digest TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	case_digest TEXT NOT NULL, 
	CONSTRAINT pk_suite_cases PRIMARY KEY (suite_digest, position), 
	CONSTRAINT fk_suite_cases_case_digest FOREIGN KEY(case_digest) REFERENCES cases (digest)
);
INSERT INTO "suite_cases" VALUES('suite_50860a3d631ad25a009521209ce66a7e',0,'case_7fb1b15a8dca530c545fefe82e289fc8');
INSERT INTO "suite_cases" VALUES('suite_50860a3d631ad25a009521209ce66a7e',1,'case_cb61468963da6312890232b26aecbed5');
CREATE TABLE suites (
	ordinal INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	description TEXT NOT NULL, 
	saved_at TEXT NOT NULL, 
	CONSTRAINT pk_suites PRIMARY KEY (ordinal)
);
INSERT INTO "suites" VALUES(1,'suite_50860a3d631ad25a009521209ce66a7e','posters','Posters','Four small posters.','2026-03-03T14:22:10.000000+00:00');
CREATE TABLE triage_events (
	ordinal INTEGER NOT NULL, 
	uuid TEXT NOT NULL, 
	case_digest TEXT NOT NULL, 
	render_digest TEXT NOT NULL, 
	label_before TEXT NOT NULL, 
	label_after TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	reasons TEXT NOT NULL, 
	note TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_triage_events PRIMARY KEY (ordinal), 
	CONSTRAINT uq_triage_events_uuid UNIQUE (uuid)
);
INSERT INTO "triage_events" VALUES(1,'triage_c691afb61ad2f71bc71b32e1921e209e','case_7fb1b15a8dca530c545fefe82e289fc8','44d1735ccad12af8ce8e88eb4c9039387325d4fc34046e277fcfbf996c42cb31','untriaged','positive','rule:two-reviewers','[]','','2026-03-03T14:22:10.000000+00:00');
INSERT INTO "triage_events" VALUES(2,'triage_32a429c1f216a67ad36e9482f7f3b427','case_7fb1b15a8dca530c545fefe82e289fc8','6d5287166cc5a7ddea6429c6fb3e1d571bf146e35738d55e843ada5986d0afc2','untriaged','positive','rule:two-reviewers','[]','','2026-03-03T14:22:10.000000+00:00');
CREATE TABLE verdicts (
	ordinal INTEGER NOT NULL, 
	uuid TEXT NOT NULL, 
	action TEXT NOT NULL, 
	pair_id TEXT NOT NULL, 
	reviewer TEXT NOT NULL, 
	outcome TEXT, 
	side_a TEXT, 
	purpose TEXT NOT NULL, 
	reasons TEXT NOT NULL, 
	comment TEXT NOT NULL, 
	pins TEXT NOT NULL, 
	look TEXT NOT NULL, 
	undoes TEXT, 
	created_at TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	person TEXT NOT NULL, 
	nth INTEGER, 
	CONSTRAINT pk_verdicts PRIMARY KEY (ordinal), 
	CONSTRAINT fk_verdicts_pair_id FOREIGN KEY(pair_id) REFERENCES pairs (id), 
	CONSTRAINT uq_verdicts_uuid UNIQUE (uuid)
);
INSERT INTO "verdicts" VALUES(1,'vote_e013e932585a49539c4e550e4b7e1e32','cast','pair_97a5efe9c8e32571868660103b1f7542','ana','candidate','baseline','evidence','[]','','[]','{"acknowledged_size_difference":false,"dwell_ms":0,"max_zoom":0.0,"modes":[]}',NULL,'2026-03-03T14:23:10.000000+00:00','run_33f15a5b6a479d3fc40b594308219bb2','ana',1);
INSERT INTO "verdicts" VALUES(2,'vote_3b02bfe68ddc0df1a171eefad1af132d','cast','pair_34a464ffe24974d1328f1499c74c7302','ana','candidate','baseline','overlap','[]','','[]','{"acknowledged_size_difference":false,"dwell_ms":0,"max_zoom":0.0,"modes":[]}',NULL,'2026-03-03T14:23:11.000000+00:00','run_33f15a5b6a479d3fc40b594308219bb2','ana',NULL);
INSERT INTO "verdicts" VALUES(3,'vote_6b7fb4b1eb361b2cc1b2c0fd0aeafad2','cast','pair_57c683726cd817cb5b19a93aaad76101','ana','candidate','baseline','evidence','[]','','[]','{"acknowledged_size_difference":false,"dwell_ms":0,"max_zoom":0.0,"modes":[]}',NULL,'2026-03-03T14:23:12.000000+00:00','run_33f15a5b6a479d3fc40b594308219bb2','ana',2);
INSERT INTO "verdicts" VALUES(4,'vote_9f0b56367d30c073bb6b933ac3f73d2e','cast','pair_03566b49244188539002039d1f30b7ee','ana','candidate','baseline','overlap','[]','','[]','{"acknowledged_size_difference":false,"dwell_ms":0,"max_zoom":0.0,"modes":[]}',NULL,'2026-03-03T14:23:13.000000+00:00','run_33f15a5b6a479d3fc40b594308219bb2','ana',NULL);
INSERT INTO "verdicts" VALUES(5,'vote_0541f58e583879a218c53a5d4bdbbe38','cast','pair_97a5efe9c8e32571868660103b1f7542','ben','candidate','baseline','overlap','[]','','[]','{"acknowledged_size_difference":false,"dwell_ms":0,"max_zoom":0.0,"modes":[]}',NULL,'2026-03-03T14:23:10.000000+00:00','run_33f15a5b6a479d3fc40b594308219bb2','ben',NULL);
INSERT INTO "verdicts" VALUES(6,'vote_2bd70aa70723f7bdf405419ac2479acd','cast','pair_34a464ffe24974d1328f1499c74c7302','ben','candidate','baseline','overlap','[]','','[]','{"acknowledged_size_difference":false,"dwell_ms":0,"max_zoom":0.0,"modes":[]}',NULL,'2026-03-03T14:23:11.000000+00:00','run_33f15a5b6a479d3fc40b594308219bb2','ben',NULL);
CREATE TABLE waivers (
	ordinal INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	gate TEXT NOT NULL, 
	run_id TEXT, 
	owner TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	expires_at TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_waivers PRIMARY KEY (ordinal), 
	CONSTRAINT uq_waivers_id UNIQUE (id)
);
CREATE TABLE workers (
	name TEXT NOT NULL, 
	device TEXT NOT NULL, 
	pid BIGINT NOT NULL, 
	started_at TEXT NOT NULL, 
	last_seen_at TEXT NOT NULL, 
	doing TEXT NOT NULL, 
	CONSTRAINT pk_workers PRIMARY KEY (name)
);
CREATE INDEX ix_runs_baseline_digest_candidate_digest ON runs (baseline_digest, candidate_digest);
CREATE INDEX ix_runs_request_digest ON runs (request_digest);
CREATE INDEX ix_suites_digest ON suites (digest);
CREATE INDEX ix_suites_name ON suites (name);
CREATE INDEX ix_triage_events_case_digest_render_digest ON triage_events (case_digest, render_digest);
CREATE INDEX ix_analyses_run_id ON analyses (run_id);
CREATE INDEX ix_case_tags_tag ON case_tags (tag);
CREATE INDEX ix_jobs_run_id_state ON jobs (run_id, state);
CREATE INDEX ix_jobs_state_rank_ordinal ON jobs (state, rank, ordinal);
CREATE INDEX ix_jobs_subject_id ON jobs (subject_id);
CREATE INDEX ix_named_pictures_digest ON named_pictures (digest);
CREATE INDEX ix_pairs_case_digest ON pairs (case_digest);
CREATE INDEX ix_pairs_run_id_disputed ON pairs (run_id, disputed);
CREATE INDEX ix_pairs_run_id_ready_review_rank ON pairs (run_id, ready, review_rank);
CREATE INDEX ix_review_units_run_id_state_place ON review_units (run_id, state, place);
CREATE INDEX ix_reviewer_desks_reviewer ON reviewer_desks (reviewer);
CREATE INDEX ix_rollout_events_run_id ON rollout_events (run_id);
CREATE INDEX ix_handouts_handed_at ON handouts (handed_at);
CREATE INDEX ix_handouts_reviewer_slot ON handouts (reviewer, slot);
CREATE INDEX ix_measurements_alarm_check ON measurements (alarm, "check");
CREATE INDEX ix_measurements_examination ON measurements (examination);
CREATE INDEX ix_measurements_pair_id_check_examination ON measurements (pair_id, "check", examination);
CREATE INDEX ix_renders_digest ON renders (digest);
CREATE INDEX ix_renders_pair_id ON renders (pair_id);
CREATE INDEX ix_renders_recipe_digest ON renders (recipe_digest);
CREATE INDEX ix_skips_reviewer_pair_id ON skips (reviewer, pair_id);
CREATE INDEX ix_verdicts_pair_id_person ON verdicts (pair_id, person);
CREATE INDEX ix_verdicts_person_purpose ON verdicts (person, purpose);
CREATE INDEX ix_verdicts_run_id_person_nth ON verdicts (run_id, person, nth);
CREATE INDEX ix_replays_render_id ON replays (render_id);
CREATE INDEX ix_standing_verdicts_reviewer ON standing_verdicts (reviewer);
CREATE INDEX ix_standing_verdicts_run_id_wants_second_place_reviewer ON standing_verdicts (run_id, wants_second, place, reviewer);
COMMIT;
